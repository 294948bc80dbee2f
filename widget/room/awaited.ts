import { computed, onScopeDispose, reactive, watch, type ComputedRef } from 'vue';
import type { InvitedView } from './view.ts';

/** How long it is told that somebody will not come. */
const VANISHES_AFTER_MS = 10_000;

const keyOf = ({ person, state }: InvitedView) => `${state} ${person.name}`;
const stays = ({ state }: InvitedView) => state === 'ringing' || state === 'no-answer';

/**
 * The invited people that have a tile: those who will not come (refused, busy, offline) lose it
 * after 10 s, and get it again when they are rung again.
 *
 * @param invited all who were asked, read reactively
 */
export function useAwaited(invited: () => readonly InvitedView[]): ComputedRef<InvitedView[]> {
  const gone = reactive(new Set<string>());
  const timers = new Map<string, ReturnType<typeof setTimeout>>();

  watch(
    invited,
    (list) => {
      const refusals = new Set(list.filter((one) => !stays(one)).map(keyOf));
      for (const [key, timer] of timers) {
        if (refusals.has(key)) continue;
        clearTimeout(timer);
        timers.delete(key);
        gone.delete(key);
      }
      for (const key of refusals) {
        if (timers.has(key)) continue;
        const vanish = () => gone.add(key);
        timers.set(key, setTimeout(vanish, VANISHES_AFTER_MS));
      }
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    for (const timer of timers.values()) clearTimeout(timer);
  });
  return computed(() => invited().filter((one) => !gone.has(keyOf(one))));
}

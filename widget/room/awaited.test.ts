import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { effectScope, nextTick, shallowRef } from 'vue';
import { useAwaited } from './awaited.ts';
import type { InvitedView } from './view.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const asked = (name: string, state: InvitedView['state']): InvitedView => ({
  person: { name, displayName: name, avatar: '' },
  state,
});

function watchAwaited(initial: readonly InvitedView[]) {
  const invited = shallowRef(initial);
  const scope = effectScope();
  const awaited = scope.run(() => useAwaited(() => invited.value));
  if (!awaited) throw new Error('The scope did not run.');
  return {
    scope,
    shown: () => awaited.value.map(({ person }) => person.name),
    async change(next: readonly InvitedView[]) {
      invited.value = next;
      await nextTick();
    },
  };
}

test('who refused, is busy or offline vanishes after ten seconds; who may still come stays', () => {
  const { shown, scope } = watchAwaited([
    asked('a', 'ringing'),
    asked('b', 'declined'),
    asked('c', 'busy'),
    asked('d', 'no-answer'),
    asked('e', 'offline'),
  ]);
  vi.advanceTimersByTime(9999);
  expect(shown()).toEqual(['a', 'b', 'c', 'd', 'e']);
  vi.advanceTimersByTime(1);
  expect(shown()).toEqual(['a', 'd']);
  scope.stop();
});

test('the ten seconds run from the refusal, however often the room is told anew', async () => {
  const { shown, change, scope } = watchAwaited([asked('a', 'ringing')]);
  vi.advanceTimersByTime(60_000);
  await change([asked('a', 'declined')]);
  vi.advanceTimersByTime(6000);
  await change([asked('a', 'declined'), asked('b', 'ringing')]);
  vi.advanceTimersByTime(4000);
  expect(shown()).toEqual(['b']);
  scope.stop();
});

test('who is rung again is there again, and refuses again for ten seconds', async () => {
  const { shown, change, scope } = watchAwaited([asked('a', 'declined')]);
  vi.advanceTimersByTime(10_000);
  await change([asked('a', 'ringing')]);
  expect(shown()).toEqual(['a']);
  await change([asked('a', 'declined')]);
  expect(shown()).toEqual(['a']);
  vi.advanceTimersByTime(10_000);
  expect(shown()).toEqual([]);
  scope.stop();
});

test('nothing is left running when the room closes', () => {
  const { scope } = watchAwaited([asked('a', 'declined')]);
  scope.stop();
  expect(vi.getTimerCount()).toBe(0);
});

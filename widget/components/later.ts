import { shallowRef, type Component, type ShallowRef } from 'vue';

/** A component in a file of its own. */
interface Later<T> {
  /** The component once it is loaded, and from then on at once; asking for it loads it. */
  readonly use: () => Readonly<ShallowRef<T | undefined>>;
  readonly load: () => Promise<void>;
}

function later<T extends Component>(load: () => Promise<{ readonly default: T }>): Later<T> {
  const loaded = shallowRef<T>();
  let loading: Promise<void> | undefined;
  const loadOnce = () =>
    (loading ??= load().then(
      (module) => void (loaded.value = module.default),
      (error: unknown) => {
        // The next one who needs it tries again.
        loading = undefined;
        reportError(error);
      },
    ));
  return {
    use: () => {
      void loadOnce();
      return loaded;
    },
    load: loadOnce,
  };
}

/* What the first ring of a one-to-one call does not need. */
export const laterRoomStage = later(() => import('./RoomStage.vue'));
export const laterParticipantsPanel = later(() => import('./ParticipantsPanel.vue'));
export const laterMissedCall = later(() => import('./MissedCall.vue'));
export const laterProblemScreen = later(() => import('./ProblemScreen.vue'));

/** Loads what may be needed soon, so that nobody ever waits for it. */
export async function loadLater(): Promise<void> {
  const all = [laterMissedCall, laterProblemScreen, laterRoomStage, laterParticipantsPanel];
  await Promise.all(all.map(({ load }) => load()));
}

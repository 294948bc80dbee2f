import { defineAsyncComponent } from 'vue';

/** What is loaded already is drawn before the next frame; what could not be loaded is tried again. */
function keep<Module>(load: () => Promise<Module>): () => Promise<Module> {
  let loading: Promise<Module> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}

const load = {
  roomStage: keep(() => import('./RoomStage.vue')),
  participantsPanel: keep(() => import('./ParticipantsPanel.vue')),
  missedCall: keep(() => import('./MissedCall.vue')),
  problemScreen: keep(() => import('./ProblemScreen.vue')),
};

/* What the first ring of a one-to-one call does not need. */
export const RoomStage = defineAsyncComponent(load.roomStage);
export const ParticipantsPanel = defineAsyncComponent(load.participantsPanel);
export const MissedCall = defineAsyncComponent(load.missedCall);
export const ProblemScreen = defineAsyncComponent(load.problemScreen);

/** Loads what may be needed soon, so that nobody ever waits for it. */
export async function loadLater(): Promise<void> {
  await Promise.all(Object.values(load).map((each) => each().catch(reportError)));
}

import { defineAsyncComponent } from 'vue';

const load = {
  roomStage: () => import('./RoomStage.vue'),
  participantsPanel: () => import('./ParticipantsPanel.vue'),
  missedCall: () => import('./MissedCall.vue'),
  problemScreen: () => import('./ProblemScreen.vue'),
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

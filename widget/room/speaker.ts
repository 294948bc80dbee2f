import type { ParticipantView } from './view.ts';

/** Quieter than this is a room's noise, not somebody speaking. */
const SPEAKING_LEVEL = 0.04;

/** Who speaks now: the loudest whose sound is on; undefined while all are silent. */
export function speakerOf(participants: readonly ParticipantView[]): ParticipantView | undefined {
  let speaker: ParticipantView | undefined;
  for (const participant of participants) {
    const { level, flags } = participant;
    if (flags.audio && level > (speaker?.level ?? SPEAKING_LEVEL)) speaker = participant;
  }
  return speaker;
}

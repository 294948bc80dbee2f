import type { PeerConnection } from '../media/peer-connection.ts';
import type { ParticipantView } from './view.ts';

/** How often loudness is looked at, in milliseconds. */
const SAMPLE_INTERVAL_MS = 200;
/** What is left of a level after one sample of silence: pauses between words are not the end of a speech. */
const DECAY = 0.6;
/** How far the peaks of a voice are above its mean level, which alone the header extension tells (12 dB). */
const CREST = 4;
/** Levels are told in steps of this, so that a room's noise draws nothing again. */
const STEP = 0.02;

/** Quieter than this is a room's noise, not somebody speaking. */
const SPEAKING_LEVEL = 0.04;

/** Whose loudness is to be looked at. */
export interface Voice {
  readonly name: string;
  readonly peer: PeerConnection;
  /** Whether it is one's own. */
  readonly sends: boolean;
}

/** How loud everybody in the room is, from 0 to 1, looked at five times a second while the page is seen. */
export class Levels {
  readonly #voices: () => readonly Voice[];
  readonly #changed: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #levels: ReadonlyMap<string, number> = new Map();
  #isSampling = false;

  /**
   * @param voices whose sound is on now
   * @param changed is called after a level has changed by a step
   */
  constructor(voices: () => readonly Voice[], changed: () => void) {
    this.#voices = voices;
    this.#changed = changed;
    this.#timer = setInterval(() => void this.#sample(), SAMPLE_INTERVAL_MS);
  }

  get now(): ReadonlyMap<string, number> {
    return this.#levels;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #sample(): Promise<void> {
    if (this.#isSampling || document.visibilityState === 'hidden') return;
    this.#isSampling = true;
    const loud = await Promise.all(
      this.#voices().map(async (voice) => [voice.name, await loudnessOf(voice).catch(() => 0)] as const),
    );
    this.#isSampling = false;
    const levels = new Map(
      loud.map(([name, level]) => [name, settle(this.#levels.get(name) ?? 0, level)] as const),
    );
    const isSame =
      levels.size === this.#levels.size &&
      [...levels].every(([name, level]) => this.#levels.get(name) === level);
    this.#levels = levels;
    if (!isSame) this.#changed();
  }
}

/** Louder at once, quieter by and by. */
export function settle(before: number, level: number): number {
  const settled = Math.max(level, before * DECAY);
  return settled < STEP ? 0 : Math.min(1, Math.round(settled / STEP) * STEP);
}

async function loudnessOf({ peer, sends }: Voice): Promise<number> {
  if (sends) return levelIn(await peer.soundSender.getStats(), 'media-source');
  const receiver = peer.soundReceiver;
  if (!receiver) return 0;
  // Costs nothing, but is empty where the sender's header extension for it (RFC 6464) was not negotiated.
  const [source] = receiver.getSynchronizationSources?.() ?? [];
  return source?.audioLevel !== undefined
    ? source.audioLevel * CREST
    : levelIn(await receiver.getStats(), 'inbound-rtp');
}

function levelIn(stats: RTCStatsReport, type: string): number {
  let level = 0;
  stats.forEach((stat: { readonly type?: unknown; readonly audioLevel?: unknown }) => {
    if (stat.type === type && typeof stat.audioLevel === 'number') level = stat.audioLevel;
  });
  return level;
}

/** Who speaks now: the loudest whose sound is on; undefined while all are silent. */
export function speakerOf(participants: readonly ParticipantView[]): ParticipantView | undefined {
  const speaking = participants.filter(({ level, flags }) => flags.audio && level > SPEAKING_LEVEL);
  return speaking.sort((one, other) => other.level - one.level)[0];
}

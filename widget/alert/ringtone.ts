/** One struck note: when it starts in the cycle, and how high and loud it is. */
interface Note {
  readonly atSeconds: number;
  readonly lengthSeconds: number;
  readonly frequencyHz: number;
  readonly gain: number;
  readonly attackSeconds: number;
}

interface Melody {
  readonly cycleMs: number;
  readonly shape: OscillatorType;
  readonly notes: readonly Note[];
}

const chime = (atSeconds: number, frequencyHz: number): Note => ({
  atSeconds,
  frequencyHz,
  lengthSeconds: 0.7,
  gain: 0.16,
  attackSeconds: 0.012,
});

/** A rising figure in E minor pentatonic, struck twice, then a rest. */
const INCOMING: Melody = {
  cycleMs: 2800,
  shape: 'triangle',
  notes: [0, 0.84].flatMap((at) => [
    chime(at, 659.26),
    chime(at + 0.14, 783.99),
    chime(at + 0.28, 987.77),
    chime(at + 0.42, 1318.51),
  ]),
};

/** The ringing tone that callers in China know: 450 Hz, one second of five (GB 3380). */
const RINGBACK: Melody = {
  cycleMs: 5000,
  shape: 'sine',
  notes: [{ atSeconds: 0, lengthSeconds: 1, frequencyHz: 450, gain: 0.05, attackSeconds: 0.03 }],
};

const MELODIES = { incoming: INCOMING, ringback: RINGBACK } as const;

function strike(context: AudioContext, shape: OscillatorType, note: Note): void {
  const start = context.currentTime + note.atSeconds;
  const end = start + note.lengthSeconds;
  const envelope = context.createGain();
  envelope.gain.setValueAtTime(0, start);
  envelope.gain.linearRampToValueAtTime(note.gain, start + note.attackSeconds);
  if (shape === 'triangle') envelope.gain.exponentialRampToValueAtTime(0.001, end);
  else envelope.gain.setTargetAtTime(0, end - 3 * note.attackSeconds, note.attackSeconds);
  const oscillator = context.createOscillator();
  oscillator.type = shape;
  oscillator.frequency.value = note.frequencyHz;
  oscillator.connect(envelope).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(end);
}

/**
 * Rings, synthesised by Web Audio, until stopped. Where the browser allows sound only after
 * a gesture it starts with the page's next click or key, and is silent until then.
 *
 * @param kind `incoming` for who is called, `ringback` for who calls
 * @returns stops it and frees the audio device
 */
export function ring(kind: keyof typeof MELODIES): () => void {
  if (typeof AudioContext === 'undefined') return () => undefined;
  const melody = MELODIES[kind];
  const context = new AudioContext();
  const stopped = new AbortController();
  const play = () => {
    if (context.state !== 'running') return;
    for (const note of melody.notes) strike(context, melody.shape, note);
  };
  const wake = () => {
    void context.resume().catch(() => undefined);
  };
  const listening = { signal: stopped.signal, capture: true } as const;
  context.addEventListener('statechange', play, listening);
  addEventListener('pointerdown', wake, listening);
  addEventListener('keydown', wake, listening);
  const timer = setInterval(play, melody.cycleMs);
  play();
  return () => {
    clearInterval(timer);
    stopped.abort();
    void context.close().catch(() => undefined);
  };
}

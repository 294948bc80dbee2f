/** Receive deltas are in units of 250 µs, the reference time in units of 64 ms. */
const DELTA_UNIT_MS = 0.25;
const REFERENCE_UNIT_MS = 64;
const MAX_PACKETS = 1000;
/** Packets handled within this time were queued together in front of the event loop. */
const BATCH_GAP_MS = 1;
const SEND_TIME_UNITS_PER_MS = 262.144;
const NOT_RECEIVED = 0;
const SMALL_DELTA = 1;
const LARGE_DELTA = 2;
const SYMBOLS_PER_VECTOR = 7;

/**
 * Records when packets with transport-wide sequence numbers arrive, and writes the feedback from which the browser
 * estimates its bandwidth (draft-holmer-rmcat-transport-wide-cc-extensions-01).
 */
export class TransportFeedback {
  /** Arrival in ms by sequence number relative to `#base`; −1 for packets that did not arrive. */
  #arrivals: number[] = [];
  #sendTimes: number[] = [];
  #base = -1;
  #count = 0;

  /**
   * @param arrivalMs monotonic
   * @param sendTime `abs-send-time`, −1 when the packet has none
   */
  record(sequenceNumber: number, arrivalMs: number, sendTime: number): void {
    if (this.#base < 0) this.#base = sequenceNumber;
    const index = (sequenceNumber - this.#base) & 0xffff;
    // Packets older than the last feedback were reported as lost. A jump means that the browser restarted.
    if (index >= 0x8000) return;
    if (index >= MAX_PACKETS) {
      this.#arrivals = [arrivalMs];
      this.#sendTimes = [sendTime];
      this.#base = sequenceNumber;
      return;
    }
    while (this.#arrivals.length < index) this.#arrivals.push(-1);
    this.#arrivals[index] = arrivalMs;
    this.#sendTimes[index] = sendTime;
  }

  /** The feedback since the previous one, without header and SSRCs; `null` when no packet arrived. */
  take(): Buffer | null {
    if (this.#arrivals.length === 0) return null;
    const arrivals = spreadBatches(this.#arrivals, this.#sendTimes);
    const first = arrivals.find((arrival) => arrival >= 0) ?? 0;
    const reference = Math.floor(first / REFERENCE_UNIT_MS);
    const symbols: number[] = [];
    const deltas: number[] = [];
    let previous = reference * REFERENCE_UNIT_MS;
    for (const arrival of arrivals) {
      if (arrival < 0) {
        symbols.push(NOT_RECEIVED);
        continue;
      }
      const delta = Math.max(-0x8000, Math.min(0x7fff, Math.round((arrival - previous) / DELTA_UNIT_MS)));
      previous += delta * DELTA_UNIT_MS;
      deltas.push(delta);
      symbols.push(delta >= 0 && delta <= 0xff ? SMALL_DELTA : LARGE_DELTA);
    }
    const content = this.#write(reference, chunksOf(symbols), symbols, deltas);
    this.#base = (this.#base + arrivals.length) & 0xffff;
    this.#arrivals = [];
    this.#sendTimes = [];
    return content;
  }

  #write(
    reference: number,
    chunks: readonly number[],
    symbols: readonly number[],
    deltas: readonly number[],
  ): Buffer {
    const deltaBytes = deltas.reduce((sum, delta) => sum + (delta >= 0 && delta <= 0xff ? 1 : 2), 0);
    const content = Buffer.alloc(Math.ceil((8 + chunks.length * 2 + deltaBytes) / 4) * 4);
    content.writeUInt16BE(this.#base, 0);
    content.writeUInt16BE(symbols.length, 2);
    content.writeUIntBE(reference & 0xffffff, 4, 3);
    content[7] = this.#count = (this.#count + 1) & 0xff;
    let at = 8;
    for (const chunk of chunks) at = content.writeUInt16BE(chunk, at);
    for (const delta of deltas)
      at = delta >= 0 && delta <= 0xff ? content.writeUInt8(delta, at) : content.writeInt16BE(delta, at);
    return content;
  }
}

/**
 * Packets that were queued together in front of the event loop seem to have arrived at once, which distorts the
 * browser's probing. Only the arrival of the last one of such a batch is used; the others are spaced as they were
 * sent, but not before the preceding batch. A queue in the network is not hidden by this, because it delays the last
 * packet as well.
 */
function spreadBatches(arrivals: readonly number[], sendTimes: readonly number[]): number[] {
  const spread = [...arrivals];
  const received = [...arrivals.keys()].filter((index) => (arrivals[index] ?? -1) >= 0);
  for (let end = received.length - 1; end > 0;) {
    let start = end;
    while (start > 0 && gap(arrivals, received[start - 1], received[start]) < BATCH_GAP_MS) start--;
    const earliest = start > 0 ? (arrivals[received[start - 1] ?? 0] ?? 0) : -Infinity;
    for (let i = end - 1; i >= start; i--) {
      const [index, next] = [received[i] ?? 0, received[i + 1] ?? 0];
      const apartMs = sentApartMs(sendTimes[index] ?? -1, sendTimes[next] ?? -1);
      spread[index] = Math.max(0, earliest, Math.min(arrivals[index] ?? 0, (spread[next] ?? 0) - apartMs));
    }
    end = start - 1;
  }
  return spread;
}

function gap(arrivals: readonly number[], before = 0, after = 0): number {
  return Math.abs((arrivals[after] ?? 0) - (arrivals[before] ?? 0));
}

/** 24 bit that wrap; 0 when the times are unknown or out of order. */
function sentApartMs(before: number, after: number): number {
  if (before < 0 || after < 0) return 0;
  const units = (after - before) & 0xffffff;
  return units < 0x800000 ? units / SEND_TIME_UNITS_PER_MS : 0;
}

/** Packs symbols into run-length chunks where seven or more are equal, else into vectors of seven. */
function chunksOf(symbols: readonly number[]): number[] {
  const chunks: number[] = [];
  for (let at = 0; at < symbols.length;) {
    const symbol = symbols[at] as number;
    let run = 1;
    while (run < 0x1fff && symbols[at + run] === symbol) run++;
    if (run >= SYMBOLS_PER_VECTOR || at + run === symbols.length) {
      chunks.push((symbol << 13) | run);
      at += run;
      continue;
    }
    let vector = 0xc000;
    for (let i = 0; i < SYMBOLS_PER_VECTOR; i++) vector |= (symbols[at + i] ?? NOT_RECEIVED) << (12 - i * 2);
    chunks.push(vector);
    at += SYMBOLS_PER_VECTOR;
  }
  return chunks;
}

import type { PeerConnection } from '../media/peer-connection.ts';
import { countersOf, levelOf, metricsBetween, type Counters, type Metrics } from '../media/statistics.ts';
import { guarded } from './guarded.ts';
import type { QualityLevel } from './terms.ts';

/** How often the connections are measured, in milliseconds. */
const MEASURE_INTERVAL_MS = 2_000;
/** How often the server is told, in measurements. */
const MEASUREMENTS_PER_REPORT = 5;

/** What is measured, and who is told. */
export interface QualityMeterOptions {
  /** The connections that are up. */
  readonly connections: () => readonly PeerConnection[];
  /** The level is another one. */
  readonly changed: () => void;
  readonly report: (metrics: Metrics) => void;
}

/** Measures all peer connections of a session together. */
export class QualityMeter {
  readonly #options: QualityMeterOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #counters: Counters | undefined;
  #measurements = 0;
  level: QualityLevel | undefined;

  constructor(options: QualityMeterOptions) {
    this.#options = options;
    this.#timer = setInterval(() => guarded(() => this.#measure()), MEASURE_INTERVAL_MS);
  }

  /** A connection is gone: what it counted says nothing about the others. */
  reset(): void {
    this.#counters = undefined;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #measure(): Promise<void> {
    const connections = this.#options.connections();
    if (connections.length === 0) return;
    const reports = await Promise.all(connections.map((connection) => connection.statistics()));
    const after = countersOf(
      reports.flatMap((report) => [...report.values()]),
      performance.now(),
    );
    const metrics = this.#counters && metricsBetween(this.#counters, after);
    this.#counters = after;
    if (!metrics) return;
    const level = levelOf(metrics);
    if (level !== this.level) {
      this.level = level;
      this.#options.changed();
    }
    this.#measurements += 1;
    if (this.#measurements % MEASUREMENTS_PER_REPORT === 0) this.#options.report(metrics);
  }
}

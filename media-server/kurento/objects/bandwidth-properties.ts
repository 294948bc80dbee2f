import type { BandwidthLimits } from '../../endpoint/rtp-endpoint.ts';
import { getter, setter, type Operations } from './operations.ts';
import { integer } from './parameters.ts';

/** The bandwidth properties of Kurento's endpoints, in kbit/s, and the limits that they set. */
const LIMITS = {
  minVideoSendBandwidth: 'minVideoSendKbps',
  maxVideoSendBandwidth: 'maxVideoSendKbps',
  minVideoRecvBandwidth: 'minVideoRecvKbps',
  maxVideoRecvBandwidth: 'maxVideoRecvKbps',
  maxAudioRecvBandwidth: 'maxAudioRecvKbps',
} as const satisfies Record<string, keyof BandwidthLimits>;

type Name = keyof typeof LIMITS;

const DEFAULTS: Readonly<Record<Name, number>> = {
  minVideoSendBandwidth: 100,
  maxVideoSendBandwidth: 500,
  minVideoRecvBandwidth: 100,
  maxVideoRecvBandwidth: 0,
  maxAudioRecvBandwidth: 0,
};

/**
 * An endpoint's limits with Kurento's arithmetic. They are unsigned there, so −1 means no limit; a positive maximum for
 * sending below the minimum is raised to it, a minimum above the maximum is lowered to it.
 */
export class Bandwidth {
  readonly #values = new Map<Name, number>();

  get(name: Name): number {
    return (this.#values.get(name) ?? DEFAULTS[name]) | 0;
  }

  set(name: Name, value: number): void {
    const wanted = value >>> 0;
    const minimum = this.get('minVideoSendBandwidth') >>> 0;
    const maximum = this.get('maxVideoSendBandwidth') >>> 0;
    if (name === 'minVideoSendBandwidth') this.#values.set(name, Math.min(wanted, maximum));
    else if (name === 'maxVideoSendBandwidth' && wanted > 0)
      this.#values.set(name, Math.max(wanted, minimum));
    else this.#values.set(name, wanted);
  }

  /**
   * The limits that a client has set. Kurento's default of 500 kbit/s is meant for its encoder and is not applied,
   * because media is only forwarded.
   */
  get limits(): Partial<BandwidthLimits> {
    const entries = [...this.#values].map(([name, value]) => [LIMITS[name], Math.max(0, value | 0)]);
    return Object.fromEntries(entries) as Partial<BandwidthLimits>;
  }
}

interface HasBandwidth {
  setBandwidth(name: Name, value: number): void;
  readonly bandwidth: Bandwidth;
}

/** Getters and setters of all limits. */
export function bandwidthOperations<Self extends HasBandwidth>(): Operations<Self> {
  const names = Object.keys(LIMITS) as Name[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const suffix = name.charAt(0).toUpperCase() + name.slice(1);
      return [
        [`get${suffix}`, getter((self: Self) => self.bandwidth.get(name))],
        [
          `set${suffix}`,
          setter({ [name]: integer }, (self: Self, values) => self.setBandwidth(name, values[name] ?? 0)),
        ],
      ];
    }),
  );
}

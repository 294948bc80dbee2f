/** UDP ports, both ends included. */
export interface PortRange {
  readonly min: number;
  readonly max: number;
}

/**
 * Divides a range of ports among the workers, which must not try each other's.
 * @param workers how many parts are wanted; there are fewer when there are fewer ports
 * @returns parts of nearly the same size, in order, without gaps
 */
export function dividePorts({ min, max }: PortRange, workers: number): PortRange[] {
  const ports = max - min + 1;
  const parts = Math.min(workers, ports);
  const start = (part: number) => min + Math.floor((ports * part) / parts);
  return Array.from({ length: parts }, (_, part) => ({ min: start(part), max: start(part + 1) - 1 }));
}

const two = (value: number) => String(value).padStart(2, '0');

/**
 * A duration as a clock shows it: `03:21`, from an hour on `1:03:21`.
 *
 * @param durationMs milliseconds; negative counts as none
 */
export function clock(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

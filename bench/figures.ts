/** The value below which `percent` per cent of `values` lie (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** Prints a labelled line of figures in columns. */
export function row(label: string, ...figures: readonly string[]): void {
  console.log(`${label.padEnd(72)}${figures.map((figure) => figure.padStart(16)).join('')}`);
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dividePorts } from './media-ports.ts';

const range = fc
  .tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 0, max: 20_000 }))
  .map(([min, size]) => ({ min, max: Math.min(min + size, 65_535) }));

test('the parts follow each other without a gap and are of nearly the same size', () => {
  fc.assert(
    fc.property(range, fc.integer({ min: 1, max: 64 }), (whole, workers) => {
      const parts = dividePorts(whole, workers);
      const sizes = parts.map(({ min, max }) => max - min + 1);
      expect(parts.flatMap(({ min, max }, n) => [n === 0 ? min : min - 1, max])).toEqual([
        whole.min,
        ...parts.slice(0, -1).flatMap(({ max }) => [max, max]),
        whole.max,
      ]);
      expect(parts).toHaveLength(Math.min(workers, whole.max - whole.min + 1));
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      expect(Math.min(...sizes)).toBeGreaterThan(0);
    }),
  );
});

import { pino } from 'pino';
import { expect, test } from 'vitest';
import { RefusedCandidates } from './refused-candidates.ts';

test('many refused candidates are one line without a stack', () => {
  const lines: string[] = [];
  const refused = new RefusedCandidates(pino({ base: null }, { write: (line) => void lines.push(line) }));
  for (let n = 0; n < 900; n += 1) refused.add('endpoint', new Error('Error adding candidate'));
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({ endpoint: 'endpoint', reason: 'Error adding candidate', suppressed: 0 }),
  ]);
  expect(lines.join()).not.toContain('stack');
});

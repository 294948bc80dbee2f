import { expect, it } from 'vitest';
import { architecture, circleIn, mistakeOf, placeOf, readArchitecture } from './arrows.js';

const drawn = readArchitecture(
  [
    '```arrows',
    'a → b',
    'a/deep → a b',
    'b →',
    'b/only.ts →',
    '```',
    '```packages',
    'sql node:* ← b',
    '```',
    '',
  ].join('\n'),
);

it.each([
  ['a/x.ts', '../b/y.ts', undefined],
  ['a/x.ts', './y.ts', undefined],
  ['b/y.ts', '../a/x.ts', 'there is no arrow from b to a'],
  ['a/deep/x.ts', '../y.ts', undefined],
  ['a/x.ts', './deep/y.ts', 'there is no arrow from a to a/deep'],
  ['a/x.ts', '../b/only.ts', 'there is no arrow from a to b/only.ts'],
  ['a/x.ts', '../elsewhere/y.ts', 'there is no arrow from a to elsewhere/y.ts'],
  ['a/x.ts', 'sql', 'a may not import sql'],
  ['a/x.ts', 'sql/deep', 'a may not import sql/deep'],
  ['a/x.ts', 'sqlite', undefined],
  ['a/x.ts', 'node:fs', 'a may not import node:fs'],
  ['b/y.ts', 'sql', undefined],
  ['not-drawn/x.ts', '../a/x.ts', undefined],
])('%s imports %s: %s', (file, source, mistake) => {
  expect(mistakeOf(file, source, drawn)).toBe(mistake);
});

it('finds circles', () => {
  expect(circleIn(drawn)).toBeUndefined();
  expect(circleIn(readArchitecture('```arrows\na → b\nb → c\nc → a\n```\n'))).toEqual(['a', 'b', 'c', 'a']);
});

it('is drawn whole, without circles', () => {
  expect(architecture.arrows.size).toBeGreaterThan(20);
  for (const [place, targets] of architecture.arrows) {
    for (const target of targets) expect([place, placeOf(target, architecture)]).toEqual([place, target]);
  }
  expect(circleIn(architecture)).toBeUndefined();
});

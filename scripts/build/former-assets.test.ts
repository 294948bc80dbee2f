import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepFormerAssets } from './former-assets.js';

const DAY_MS = 86_400_000;

test('files of former builds stay for pages that are open, until nobody can have one any more', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assets-'));
  const [from, to] = [join(folder, 'from'), join(folder, 'to')];
  for (const directory of [from, to]) mkdirSync(directory);
  const lastWeek = new Date(Date.now() - 7 * DAY_MS);
  for (const [name, time] of [
    ['calls-former00.js', lastWeek],
    ['calls-ancient0.js', new Date(Date.now() - 90 * DAY_MS)],
    ['calls.js', new Date()],
  ] as const) {
    writeFileSync(join(from, name), 'former');
    utimesSync(join(from, name), time, time);
  }
  writeFileSync(join(to, 'calls.js'), 'present');

  keepFormerAssets(from, to);
  expect(readdirSync(to).sort()).toEqual(['calls-former00.js', 'calls.js']);
  expect(readFileSync(join(to, 'calls.js'), 'utf8')).toBe('present');
  expect(statSync(join(to, 'calls-former00.js')).mtime).toEqual(lastWeek);

  keepFormerAssets(join(folder, 'nothing'), to);
  expect(readdirSync(to)).toHaveLength(2);
});

import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { fingerprint, stateOfBuild, writeStamp } from './fingerprint.js';

let root: string;

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

describe('what was built', () => {
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'fingerprint-'));
    write('server/main.ts', 'start()');
    write('server/calls/call.ts', 'ring()');
    write('server/calls/call.test.ts', 'expect()');
    write('package-lock.json', '{}');
    write('dist/server/main.js', 'start()');
    writeStamp(join(root, 'dist'), fingerprint(root));
  });

  it('is current while nothing changes but the time of a file, as a checkout does', () => {
    utimesSync(join(root, 'server/main.ts'), new Date(), new Date());
    expect(stateOfBuild(root)).toBe('current');
  });

  it('is current when only a test changes, or what the build does not read', () => {
    write('server/calls/call.test.ts', 'expect(1)');
    write('docs/operating.md', 'more');
    write('server/calls/.call.ts.swp', 'editing');
    expect(stateOfBuild(root)).toBe('current');
  });

  it.each([
    ['a source changes', () => write('server/calls/call.ts', 'rang()')],
    ['an older version comes back', () => writeOlder('server/calls/call.ts', 'sing()')],
    ['a source is added', () => write('widget/loader.ts', 'load()')],
    ['a source goes', () => rmSync(join(root, 'server/calls/call.ts'))],
    ['a source moves', () => (rmSync(join(root, 'server/calls/call.ts')), write('server/call.ts', 'ring()'))],
    ['a package changes', () => write('package-lock.json', '{"packages":{}}')],
    ['the configuration of the build changes', () => write('vite.config.ts', 'export default {}')],
  ])('is stale when %s', (_what, change) => {
    change();
    expect(stateOfBuild(root)).toBe('stale');
  });

  it('is missing without it, and when one of its files is gone', () => {
    rmSync(join(root, 'dist/server/main.js'));
    expect(stateOfBuild(root)).toBe('missing');
    rmSync(join(root, 'dist'), { recursive: true });
    expect(stateOfBuild(root)).toBe('missing');
  });
});

function writeOlder(path: string, content: string): void {
  write(path, content);
  utimesSync(join(root, path), new Date(0), new Date(0));
}

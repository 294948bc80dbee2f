import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../../testing/browser/browser.ts';
import { untilPictureMoves } from '../../testing/browser/media.ts';
import { ChatPage } from '../../testing/browser/pages.ts';
import { InstalledPackage, run } from './installed-package.ts';

const TOOLS = fileURLToPath(new URL('../../node_modules/.bin/', import.meta.url));
const LIMIT_MB = 70;
const LIMIT_PACKAGES = 120;
/** Of the main process alone, the media servers' apart. */
const LIMIT_CPU_MS = 1500;

let installed: InstalledPackage;

beforeAll(async () => {
  installed = await InstalledPackage.install();
});

describe('the package', () => {
  it('is small when installed', () => {
    const { megabytes, packages } = installed;
    process.stdout.write(`${megabytes.toFixed(1)} MB in ${packages} packages\n`);
    expect(megabytes).toBeLessThanOrEqual(LIMIT_MB);
    expect(packages).toBeLessThanOrEqual(LIMIT_PACKAGES);
  });

  it('is described as those who use it expect', async () => {
    const publint = await run(join(TOOLS, 'publint'), ['run', installed.tarball, '--strict']);
    expect(publint.stdout).toContain('All good');
    await run(join(TOOLS, 'attw'), [installed.tarball, '--profile', 'esm-only', '--no-color']);
  });

  it('has the types of the element for pages', async () => {
    const page = join(installed.folder, 'page.ts');
    writeFileSync(page, PAGE);
    const { stdout } = await run(
      join(TOOLS, 'tsc'),
      ['--ignoreConfig', '--noEmit', '--strict', '--target', 'ES2022', '--module', 'nodenext', page],
      { cwd: installed.folder },
    ).catch((error: { stdout: string }) => error);
    expect(stdout).toBe('');
  });
});

describe('the installed commands', () => {
  it('start the server with little to compute, serve a call between two browsers, and end', async () => {
    const server = await installed.start();
    process.stdout.write(`ready after ${server.readyAfterCpuMs} ms of the main process\n`);
    expect(server.readyAfterCpuMs).toBeLessThanOrEqual(LIMIT_CPU_MS);
    const script = await fetch(`${server.origin}/video-call.js`);
    expect(script.headers.get('content-type')).toContain('javascript');

    const browser = await launchBrowser();
    const [jia, yi] = await Promise.all([1, 2].map((user) => ChatPage.demo(browser, server.origin, user)));
    if (!jia || !yi) throw new Error('Two people are needed.');
    await jia.call({ type: 'friend', id: 2 });
    await yi.accept();
    await Promise.all([untilPictureMoves(jia.page), untilPictureMoves(yi.page)]);
    expect([...jia.errors, ...yi.errors]).toEqual([]);
    await browser.close();
    expect(await server.stop()).toBe(0);
  });

  it('import groups', async () => {
    const users = [{ id: 1, name: 'a', avatar: '' }];
    const groups = [{ id: 7, name: 'g', owner: 1, members: [1] }];
    mkdirSync(join(installed.folder, 'data'), { recursive: true });
    writeFileSync(join(installed.folder, 'groups.json'), JSON.stringify({ users, groups }));
    const { stdout } = await installed.run('video-call', ['groups', 'import', 'groups.json'], {
      DATABASE_URL: 'file:data/import.db',
    });
    expect(stdout).toContain('1 groups');
  });

  it('have the media server alone', async () => {
    const { stdout } = await installed.run('video-call-media', ['--help']);
    expect(stdout).toContain('Usage: video-call-media');
  });
});

const PAGE = `
import type { VideoCallEventDetails } from 'video-call';

const calls = document.querySelector('video-call');
calls?.call({ type: 'friend', id: 8, name: 'b' }, { media: 'audio' });
calls?.addEventListener('video-call-ended', ({ detail }) => detail.duration.toFixed());
document.addEventListener('video-call-error', (event) => event.detail.code.trim());
export const isVideo = ({ media }: VideoCallEventDetails['video-call-started']): boolean => media === 'video';
// @ts-expect-error a target has an id
calls?.call({ type: 'friend' });
`;

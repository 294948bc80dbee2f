/** Finds, installs and launches the Chromium that the browser tests run in. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const INSTALL_TIMEOUT_MS = 600_000;

/** Names under which distributions put Chromium or Chrome on the `PATH`. */
const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

const USUAL_PLACES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['/usr/lib/chromium/chromium', '/opt/google/chrome/chrome', '/snap/bin/chromium'],
  darwin: ['/Applications', join(homedir(), 'Applications')].flatMap((folder) => [
    join(folder, 'Chromium.app/Contents/MacOS/Chromium'),
    join(folder, 'Google Chrome.app/Contents/MacOS/Google Chrome'),
  ]),
  win32: [process.env['ProgramFiles'], process.env['ProgramFiles(x86)'], process.env['LOCALAPPDATA']]
    .filter((folder) => folder !== undefined)
    .flatMap((folder) => [
      join(folder, 'Google/Chrome/Application/chrome.exe'),
      join(folder, 'Chromium/Application/chrome.exe'),
    ]),
};

/** There is no Chromium and none could be installed; the message says what to do. */
class ChromiumMissingError extends Error {
  readonly code = 'chromium-missing';
}

function onPath(): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command + suffix)));
}

/** What Playwright downloaded: the revision this version wants first, then any other. */
function inPlaywrightCache(): string[] {
  const wanted = chromium.executablePath();
  const match = /^(.*)[\\/]chromium-\d+[\\/](.*)$/.exec(wanted);
  if (match === null || !existsSync(match[1] ?? '')) return [wanted];
  const [, cache = '', inside = ''] = match;
  const revisions = readdirSync(cache).filter((name) => /^chromium-\d+$/.test(name));
  return [wanted, ...revisions.map((revision) => join(cache, revision, inside))];
}

/**
 * Looks for an installed Chromium or Chrome: `CHROMIUM_PATH`, the `PATH`, the system's usual places, the
 * cache of Playwright's installer.
 *
 * @returns its path, or undefined if there is none
 * @throws {ChromiumMissingError} `CHROMIUM_PATH` names a file that does not exist
 */
export function findChromium(): string | undefined {
  const told = process.env['CHROMIUM_PATH'];
  if (told) {
    if (existsSync(told)) return told;
    throw new ChromiumMissingError(`CHROMIUM_PATH is ${told}, and there is no such file.`);
  }
  const places = [...onPath(), ...(USUAL_PLACES[process.platform] ?? []), ...inPlaywrightCache()];
  return places.find((place) => existsSync(place));
}

function run(command: string, args: readonly string[]): boolean {
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    timeout: INSTALL_TIMEOUT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}

/** Ubuntu is left out: its `chromium` package only fetches a snap. */
function isDebianRoot(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/etc/os-release')) return false;
  return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/**
 * Installs Chromium: Debian's own package where this process may (it brings the libraries along), else
 * the build that Playwright's installer downloads.
 *
 * @returns its path
 * @throws {ChromiumMissingError} neither worked
 */
export function installChromium(): string {
  if (isDebianRoot() && run('apt-get', ['update'])) {
    run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-noto-cjk']);
  }
  if (findChromium() === undefined) {
    const manifest = createRequire(import.meta.url).resolve('playwright-core/package.json');
    run(process.execPath, [join(dirname(manifest), 'cli.js'), 'install', 'chromium']);
  }
  const path = findChromium();
  if (path !== undefined) return path;
  throw new ChromiumMissingError(
    'The browser tests need Chromium. Install it (Debian: apt-get install chromium; anywhere: ' +
      'npx playwright-core install --with-deps chromium; or Google Chrome), or set CHROMIUM_PATH to one.',
  );
}

export interface LaunchOptions {
  /** What `getUserMedia` meets: a yes, a no, or the page's own prompt (which nobody answers). Default `allow`. */
  readonly permission?: 'allow' | 'deny' | 'ask';
  /** How many fake cameras there are, each a moving picture. Default 1. The fake microphone beeps always. */
  readonly cameras?: number;
}

/**
 * Starts a headless Chromium with fake capture devices.
 *
 * The fake devices and the answer to the permission prompt belong to a browser process: tests in which two
 * users differ in them launch two browsers.
 */
export function launchBrowser({ permission = 'allow', cameras = 1 }: LaunchOptions = {}): Promise<Browser> {
  const answer = { allow: ['--use-fake-ui-for-media-stream'], deny: ['--use-fake-ui-for-media-stream=deny'] };
  return chromium.launch({
    executablePath: findChromium() ?? installChromium(),
    headless: true,
    // Node's own signal handlers end the tests; Playwright's would race with them.
    handleSIGINT: false,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      `--use-fake-device-for-media-stream=device-count=${cameras}`,
      ...(permission === 'ask' ? [] : answer[permission]),
    ],
  });
}

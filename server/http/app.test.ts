import { once } from 'node:events';
import { mkdirSync, mkdtempSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { request, type Server } from 'node:http';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { portOf } from '../listen.ts';
import { createApp } from './app.ts';
import { OriginGuard } from './origin-guard.ts';
import { OriginPolicy } from './origin-policy.ts';

const pool = { available: true };
const servers: Server[] = [];
let directory: string;
let withDemo: number;
let withoutDemo: number;

async function start(isDemoOn: boolean): Promise<number> {
  const logger = pino({ level: 'silent' });
  const policy = new OriginPolicy({
    allowedOrigins: [],
    publicUrl: undefined,
    trustedProxies: new BlockList(),
    isLoopbackOnly: true,
    allowsLocalhost: true,
  });
  const app = createApp({
    origins: new OriginGuard(policy, logger),
    health: { pool, isStopping: () => false },
    isTls: false,
    isDemoOn,
    directory,
    logger,
  });
  const server = app.listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return portOf(server);
}

beforeAll(async () => {
  directory = join(mkdtempSync(join(tmpdir(), 'app-')), 'dist');
  for (const folder of ['widget/assets', 'demo']) mkdirSync(join(directory, folder), { recursive: true });
  writeFileSync(join(directory, 'widget/video-call.js'), '/* loader */');
  writeFileSync(join(directory, 'widget/assets/app-1a2b3c4d.js'), 'export {}');
  writeFileSync(join(directory, 'widget/assets/calls.js'), "export * from './calls-5e6f7a8b.js';");
  writeFileSync(join(directory, 'widget/assets/.secret'), 'x');
  writeFileSync(join(directory, 'demo/index.html'), '<!doctype html>');
  writeFileSync(join(directory, '../outside.txt'), 'outside');
  withDemo = await start(true);
  withoutDemo = await start(false);
});

afterAll(() => {
  for (const server of servers) server.close();
});

/** A request as it is, without the tidying of paths that `fetch` does. */
async function get(path: string, { port = withDemo, method = 'GET', headers = {} } = {}) {
  const sent = request({ host: '127.0.0.1', port, path, method, headers });
  sent.end();
  const [response] = await once(sent, 'response');
  return { status: response.statusCode as number, headers: response.headers, body: await text(response) };
}

test('the script is open to pages of every origin and soon fresh', async () => {
  const { status, headers, body } = await get('/video-call.js');
  expect({ status, body }).toEqual({ status: 200, body: '/* loader */' });
  expect(headers).toMatchObject({
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'cache-control': 'public, max-age=300',
    'x-content-type-options': 'nosniff',
    'content-type': expect.stringContaining('javascript'),
  });
  const again = await get('/video-call.js', { headers: { 'if-none-match': headers.etag } });
  expect(again).toMatchObject({ status: 304, body: '' });
});

test('files with a hash in their name are kept for ever', async () => {
  const { status, headers } = await get('/assets/app-1a2b3c4d.js', { method: 'HEAD' });
  expect(status).toBe(200);
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(headers['content-length']).toBe('9');
});

test('files of a former build are answered by the present entry, and by nothing else', async () => {
  const former = await get('/assets/calls-A-b_1234.js');
  expect(former).toMatchObject({ status: 200, body: "export * from './calls-5e6f7a8b.js';" });
  expect(former.headers).toMatchObject({
    'cache-control': 'no-cache',
    'access-control-allow-origin': '*',
    'content-type': expect.stringContaining('javascript'),
  });
  expect((await get('/assets/calls.js')).headers['cache-control']).toBe('no-cache');
  expect((await get('/assets/app-00000000.js')).status).toBe(404);
});

test('a file that another version replaces is sent again, whatever its size and time', async () => {
  const file = join(directory, 'widget/video-call.js');
  const { headers } = await get('/video-call.js');
  const { atime, mtime } = statSync(file);
  writeFileSync(file, '/* LOADER */');
  utimesSync(file, atime, mtime);
  const now = await get('/video-call.js', {
    headers: { 'if-none-match': headers.etag, 'if-modified-since': new Date().toUTCString() },
  });
  expect(now).toMatchObject({ status: 200, body: '/* LOADER */' });
});

test.each([
  '/assets/../../outside.txt',
  '/assets/..%2f..%2f..%2foutside.txt',
  '/assets/%2e%2e/video-call.js',
  '/assets/.secret',
  '/assets/%00',
  '/assets/%zz',
  '/assets/',
  '/assets/nothing.js',
  '/demo/..%2f..%2foutside.txt',
])('%s does not exist', async (path) => {
  expect((await get(path)).status).toBe(404);
});

test('the demo is where it is switched on', async () => {
  expect(await get('/')).toMatchObject({ status: 302, headers: { location: '/demo/' } });
  expect(await get('/demo/?user=1')).toMatchObject({ status: 200, body: '<!doctype html>' });
  expect((await get('/demo/')).headers['access-control-allow-origin']).toBeUndefined();
  expect((await get('/', { port: withoutDemo })).status).toBe(404);
  expect((await get('/demo/', { port: withoutDemo })).status).toBe(404);
});

test('health and readiness', async () => {
  expect(await get('/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  expect(await get('/readyz')).toMatchObject({ status: 200, body: '{"ready":true}' });
  pool.available = false;
  const notReady = await get('/readyz');
  pool.available = true;
  expect(notReady).toMatchObject({ status: 503, body: '{"ready":false,"reason":"media-unavailable"}' });
});

test('a foreign name that points here gets nothing', async () => {
  expect((await get('/demo/', { headers: { host: 'evil.example.com' } })).status).toBe(421);
  expect((await get('/healthz', { headers: { host: 'localhost:1' } })).status).toBe(200);
});

/** Behind a real nginx, as docs/operating.md says and as people do it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { STAND_IN_POOL } from '../../testing/server/stand-in-pool.ts';
import { startTestServer } from '../../testing/server/start-test-server.ts';
import { portOf } from '../listen.ts';
import type { RunningServer } from '../server.ts';

const NGINX = ['nginx', '/usr/sbin/nginx'].find((program) => spawnSync(program, ['-v']).status === 0);
if (!NGINX && process.env['REQUIRE_NGINX'] === '1')
  throw new Error('nginx is required, and is not installed.');
if (!NGINX) process.stderr.write('\nSKIPPED: nginx is not installed, so nothing is tested behind it.\n\n');

const JWT = { JWT_SECRET: 'a secret of thirty-two bytes or more' };
const UPGRADE = `proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;`;

/** What a proxy makes of the headers, by the path under which it does so. */
const LOCATIONS = {
  documented: 'proxy_set_header Host $http_host;',
  portless: 'proxy_set_header Host $host;',
  portlessAndForwarded: 'proxy_set_header Host $host; proxy_set_header X-Forwarded-Host $http_host;',
  forwarded: 'proxy_set_header X-Forwarded-Host $http_host;',
  bare: '',
} as const;
type Location = keyof typeof LOCATIONS;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server as never);
  server.close();
  await once(server, 'close');
  return port;
}

function startNginx(port: number, upstreams: Readonly<Record<string, number>>): ChildProcess {
  const directory = mkdtempSync(join(tmpdir(), 'nginx-'));
  const locations = Object.entries(upstreams).flatMap(([name, upstream]) =>
    Object.entries(LOCATIONS).map(
      ([location, lines]) => `location /${name}/${location}/ {
      proxy_pass http://127.0.0.1:${upstream}/;
      ${UPGRADE}
      ${lines}
    }`,
    ),
  );
  writeFileSync(
    join(directory, 'nginx.conf'),
    `daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/error.log;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((each) => `${each}_temp_path ${directory}/${each};`).join(' ')}
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    listen 127.0.0.1:${port};
    ${locations.join('\n    ')}
  }
}`,
  );
  return spawn(NGINX ?? '', ['-c', join(directory, 'nginx.conf'), '-e', join(directory, 'error.log')]);
}

describe.skipIf(!NGINX)('behind nginx', () => {
  let nginx: ChildProcess;
  let port: number;
  const servers: RunningServer[] = [];

  beforeAll(async () => {
    port = await freePort();
    const start = async (settings: Record<string, string>) => {
      const server = await startTestServer({ HOST: '0.0.0.0', ...settings }, { pool: STAND_IN_POOL });
      servers.push(server);
      return server.port;
    };
    nginx = startNginx(port, {
      plain: await start(JWT),
      named: await start({ ...JWT, PUBLIC_URL: `http://calls.example.com:${port}` }),
      loopback: await start({ HOST: '127.0.0.1' }),
      namedLoopback: await start({ HOST: '127.0.0.1', PUBLIC_URL: `http://calls.example.com:${port}/` }),
    });
    await vi.waitFor(() => fetch(`http://127.0.0.1:${port}/`), { timeout: 10_000, interval: 50 });
  }, 30_000);

  afterAll(async () => {
    nginx.kill();
    await Promise.all(servers.map((server) => server.close()));
  });

  /** The HTTP status for a page of the public address; 101 means that its socket is open. */
  function statusOf(server: string, location: Location, name = 'calls.example.com'): Promise<number> {
    const address = `${name}:${port}`;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/${server}/${location}/signal`, {
      headers: { host: address, origin: `http://${address}` },
    });
    return new Promise((resolve) => {
      socket.on('error', () => undefined);
      socket.on('open', () => {
        resolve(101);
        socket.close();
      });
      socket.on('unexpected-response', (request, response) => {
        resolve(response.statusCode ?? 0);
        request.destroy();
      });
    });
  }

  test.each<[Location, number]>([
    ['documented', 101],
    ['portless', 403],
    ['portlessAndForwarded', 101],
    ['forwarded', 101],
    ['bare', 403],
  ])(
    'without PUBLIC_URL the own page gets a socket where the proxy tells its address: %s',
    async (location, status) => {
      expect(await statusOf('plain', location)).toBe(status);
    },
  );

  test.each(['named', 'namedLoopback'])('with PUBLIC_URL it does behind every proxy: %s', async (server) => {
    for (const location of Object.keys(LOCATIONS) as Location[]) {
      expect([location, await statusOf(server, location)]).toEqual([location, 101]);
      const { status } = await fetch(`http://127.0.0.1:${port}/${server}/${location}/healthz`);
      expect([location, status]).toEqual([location, 200]);
    }
  });

  test('no page of another name gets one that was not configured', async () => {
    for (const location of Object.keys(LOCATIONS) as Location[]) {
      for (const server of ['loopback', 'namedLoopback']) {
        expect([server, location, await statusOf(server, location, 'evil.example')]).toEqual([
          server,
          location,
          403,
        ]);
      }
    }
  });
});

/**
 * A site with pages of the real LayIM (3.9.5 on PC, 2.5.0 on mobile), which it serves out of the npm package
 * `layui-src`, and the script tag of a video-call server on another origin.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join, normalize } from 'node:path';
import { DEMO_GROUP, DEMO_USERS } from '../../../demo/server/people.ts';

/** A user of these pages whom the demo does not have. */
export const DING = { id: 4, username: '测试丁', sign: '' };
/** A group of these pages that the call server hears of only through its API. */
export const FOUR = { id: 2, groupname: '四人群', members: [1, 2, 3, DING.id] };
const PEOPLE = [...DEMO_USERS, DING];
const GROUPS = [DEMO_GROUP, FOUR];

const LAYUI = dirname(createRequire(import.meta.url).resolve('layui-src/dist/layui.js'));
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.gif': 'image/gif',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.mp3': 'audio/mpeg',
  '.png': 'image/png',
  '.ttf': 'font/ttf',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};
/** One transparent pixel, for LayIM wants an avatar. */
const AVATAR = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';

export interface PageOptions {
  readonly kind: 'pc' | 'mobile';
  /** Id of the user who has the page open. */
  readonly user: number;
  /** Where LayIM gets its people: written into the page, or from an address. */
  readonly init: 'inline' | 'url';
}

/** What LayIM's `init` request is answered with. */
function initOf(user: number): object {
  const people = PEOPLE.map((person) => ({ ...person, avatar: AVATAR, status: 'online' }));
  return {
    mine: people.find(({ id }) => id === user),
    friend: [{ groupname: '我的好友', id: 1, list: people.filter(({ id }) => id !== user) }],
    group: GROUPS.map(({ groupname, id }) => ({ groupname, id, avatar: AVATAR })),
  };
}

function membersOf(group: number): object {
  const ids = GROUPS.find(({ id }) => id === group)?.members ?? [];
  const list = PEOPLE.filter(({ id }) => ids.includes(id)).map((person) => ({ ...person, avatar: AVATAR }));
  return { owner: list[0], members: list.length, list };
}

function answer(response: ServerResponse, type: string, body: string | Buffer, status = 200): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}

/** A running site of LayIM pages. */
export interface LayimSite {
  readonly origin: string;
  address(options: PageOptions): string;
  close(): Promise<void>;
}

export interface SiteOptions {
  /** Origin of the video-call server that the pages' script tag names; asked at every page. */
  readonly videoCall: () => string;
  /** Signs a token for a user; with it the pages' script tag has a `data-token-url`. */
  readonly tokenFor?: (user: number) => Promise<string>;
}

/** Starts the site on a free port of this machine. */
export async function startLayimSite({ videoCall, tokenFor }: SiteOptions): Promise<LayimSite> {
  async function page(kind: string, query: URLSearchParams): Promise<string> {
    const user = Number(query.get('user'));
    const init = query.get('init') === 'url' ? { url: `/init.json?user=${user}` } : initOf(user);
    const html = await readFile(new URL(`${kind}.html`, import.meta.url), 'utf8');
    const attributes = tokenFor === undefined ? '' : `data-token-url="/token?user=${user}"`;
    return html
      .replace('{{server}}', videoCall())
      .replace('{{attributes}}', attributes)
      .replace('{{init}}', () => JSON.stringify(init));
  }

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    try {
      const kind = /^\/(pc|mobile)\.html$/.exec(pathname)?.[1];
      if (kind !== undefined) return answer(response, 'text/html', await page(kind, searchParams));
      if (pathname === '/init.json') {
        const data = initOf(Number(searchParams.get('user')));
        return answer(response, 'application/json', JSON.stringify({ code: 0, data }));
      }
      if (pathname === '/members.json') {
        const data = membersOf(Number(searchParams.get('id')));
        return answer(response, 'application/json', JSON.stringify({ code: 0, data }));
      }
      if (pathname === '/token' && tokenFor !== undefined) {
        return answer(response, 'text/plain', await tokenFor(Number(searchParams.get('user'))));
      }
      const file = normalize(pathname);
      const type = TYPES[extname(file)];
      if (!file.startsWith('/layui/') || type === undefined) return answer(response, 'text/plain', '', 404);
      return answer(response, type, await readFile(join(LAYUI, file.slice('/layui/'.length))));
    } catch {
      return answer(response, 'text/plain', '', 404);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;

  return {
    origin,
    address: ({ kind, user, init }) => `${origin}/${kind}.html?user=${user}&init=${init}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

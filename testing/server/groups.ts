import type { RunningServer } from '../../server/server.ts';

/** What a test server is told as `ADMIN_TOKEN`. */
export const ADMIN_TOKEN = 'token-of-the-tests';

/** Talks to the API of a test server as its admin; fails unless the answer is a success. */
export async function admin(
  server: Pick<RunningServer, 'url'>,
  path: string,
  { method = 'GET', body }: { readonly method?: string; readonly body?: unknown } = {},
): Promise<unknown> {
  const response = await fetch(new URL(path, server.url), {
    method,
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}

/** Makes a group with these members; the first of them owns it. */
export async function makeGroup(
  server: Pick<RunningServer, 'url'>,
  id: string,
  members: readonly string[],
): Promise<void> {
  const group = { id, name: `Group ${id}`, owner: members[0] ?? null, members };
  const users = members.map((name) => ({ id: name, name: name.toUpperCase() }));
  await admin(server, '/api/import', { method: 'POST', body: { users, groups: [group] } });
}

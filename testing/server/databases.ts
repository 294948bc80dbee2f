import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { describe, it } from 'vitest';

/** A database that one test has for itself. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

interface Server {
  readonly name: string;
  readonly variable: string;
  readonly defaultUrl: string;
  create(server: URL, name: string): Promise<TestDatabase>;
}

const SERVERS: readonly Server[] = [
  {
    name: 'PostgreSQL',
    variable: 'TEST_POSTGRES_URL',
    defaultUrl: 'postgres://postgres@127.0.0.1:5432/test',
    create: createPostgres,
  },
  {
    name: 'MariaDB',
    variable: 'TEST_MARIADB_URL',
    defaultUrl: 'mysql://root@127.0.0.1:3306/test',
    create: createMariaDb,
  },
];

const MUST_HAVE_ALL = process.env['CI'] === 'true' && process.env['REQUIRE_DATABASES'] === '1';

/**
 * Runs the same tests on SQLite, PostgreSQL and MariaDB. A server that does not answer is named in the
 * output, and fails the run when `CI=true` and `REQUIRE_DATABASES=1`.
 * @param tests registers the tests; `create` makes an empty database
 */
export async function describeEachDatabase(
  title: string,
  tests: (create: () => Promise<TestDatabase>, name: string) => void,
): Promise<void> {
  describe(`${title} on SQLite`, () => tests(createSqlite, 'SQLite'));
  await describeEachDatabaseServer(title, tests);
}

/** As `describeEachDatabase`, for what a file has not: a server behind a line. */
export async function describeEachDatabaseServer(
  title: string,
  tests: (create: () => Promise<TestDatabase>, name: string) => void,
): Promise<void> {
  for (const server of SERVERS) {
    const url = new URL(process.env[server.variable] ?? server.defaultUrl);
    const create = () => server.create(url, `vc_test_${randomUUID().replaceAll('-', '').slice(0, 16)}`);
    if (await answers(url)) describe(`${title} on ${server.name}`, () => tests(create, server.name));
    else describe(`${title} on ${server.name}`, () => leaveOut(server, url));
  }
}

function leaveOut(server: Server, url: URL): void {
  const reason = `${server.name} NOT TESTED: nothing answers at ${url.host} (set ${server.variable})`;
  process.stderr.write(`${reason}\n`);
  if (!MUST_HAVE_ALL) return it.skip(reason, () => undefined);
  it(reason, () => {
    throw new Error(reason);
  });
}

function answers(url: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(url.port), url.hostname);
    socket.setTimeout(1_000, () => socket.destroy(new Error('timeout')));
    socket.once('connect', () => socket.end(() => resolve(true)));
    socket.once('error', () => resolve(false));
  });
}

async function createSqlite(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'video-call-'));
  return {
    url: `file:${join(folder, 'data', 'test.db')}`,
    drop: () => rm(folder, { recursive: true }),
  };
}

async function createPostgres(server: URL, name: string): Promise<TestDatabase> {
  const run = async (statement: string) => {
    const client = new pg.Client({ connectionString: server.href });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await run(`create database ${name}`);
  return { url: withDatabase(server, name), drop: () => run(`drop database ${name} with (force)`) };
}

async function createMariaDb(server: URL, name: string): Promise<TestDatabase> {
  const run = async (statement: string) => {
    const client = await mysql.createConnection(server.href);
    await client.query(statement).finally(() => client.end());
  };
  await run(`create database ${name}`);
  return { url: withDatabase(server, name), drop: () => run(`drop database ${name}`) };
}

function withDatabase(server: URL, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

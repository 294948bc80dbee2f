import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { DatabaseUrlError, StoreUnavailableError } from '../store/errors.ts';
import { ImportError } from './errors.ts';
import { GroupStore } from './group-store.ts';
import { parseJson, readImport } from './import-json.ts';
import { isLayimAnswer, readLayimInit, readLayimMembers } from './import-layim.ts';
import type { ImportSummary } from '../store/model.ts';

const USAGE = `Usage: video-call groups import FILE [--group ID] [--server URL]

Imports users, groups and members from a JSON file; "-" reads standard input.
All of it is imported or, when there is a mistake in it, nothing.

  FILE          {"users": [{"id", "name", "avatar"}], "groups": [{"id", "name", "owner", "members": [...]}]},
                or the answer of LayIM's "init" or "members" interface as it is
  --group ID    the group whose "members" answer the file is
  --server URL  import through a running server, which needs ADMIN_TOKEN: its running calls then drop
                who is no member any more. Without it the file goes into DATABASE_URL directly.
`;

const DEFAULT_DATABASE_URL = 'file:data/video-call.db';
const SERVER_TIMEOUT_MS = 60_000;

/** Where the command writes; the process's own streams by default. */
export interface CommandOutput {
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown };
}

/** A mistake in how the command was called. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The running server refused the import. */
class ServerRefusedError extends Error {
  override readonly name = 'ServerRefusedError';
}

/**
 * Runs `video-call groups …`.
 * @param argv the arguments after `groups`
 * @param env `DATABASE_URL`, `ADMIN_TOKEN`
 * @returns the exit code: 0 done, 1 refused, 2 called wrongly
 */
export async function runGroupsCommand(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  { out, err }: CommandOutput = { out: process.stdout, err: process.stderr },
): Promise<number> {
  try {
    const command = parse(argv);
    if (command === 'help') {
      out.write(USAGE);
      return 0;
    }
    const json = await readInput(command.file);
    const { server, group } = command;
    const summary = await (server
      ? importThrough(server, json, group, env)
      : importInto(parseJson(json), group, env));
    out.write(
      `Imported ${summary.users} users and ${summary.groups} groups: ` +
        `${summary.membersAdded} members added, ${summary.membersRemoved} removed.\n`,
    );
    return 0;
  } catch (error) {
    if (!isExpected(error)) throw error;
    err.write(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : `${error.message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

interface ImportCommand {
  readonly file: string;
  readonly group: string | undefined;
  readonly server: string | undefined;
}

function parse(argv: readonly string[]): ImportCommand | 'help' {
  const { values, positionals } = parseOptions(argv);
  if (values.help) return 'help';
  const [command, file, ...rest] = positionals;
  if (command !== 'import')
    throw new UsageError(command ? `There is no command "${command}".` : 'Which command?');
  if (file === undefined || rest.length > 0) throw new UsageError('Name one file to import.');
  return { file, group: values.group, server: values.server };
}

function parseOptions(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        group: { type: 'string' },
        server: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function readInput(file: string): Promise<string> {
  const input = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8'));
  return input.replace(/^\uFEFF/, '');
}

async function importInto(
  value: unknown,
  groupId: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<ImportSummary> {
  const plan = toPlan(value, groupId);
  const store = await GroupStore.open(env['DATABASE_URL'] || DEFAULT_DATABASE_URL, {
    logger: pino({ level: 'silent' }),
  });
  try {
    return await store.importAll(plan);
  } finally {
    await store.close();
  }
}

function toPlan(value: unknown, groupId: string | undefined) {
  if (groupId !== undefined) return readLayimMembers(groupId, value);
  return isLayimAnswer(value) ? readLayimInit(value) : readImport(value);
}

/** The server gets the text as it is: numbers that JavaScript cannot keep would be others when written again. */
async function importThrough(
  server: string,
  json: string,
  groupId: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<ImportSummary> {
  if (!URL.canParse(server)) throw new UsageError(`"${server}" is no address of a server.`);
  const isLayim = groupId !== undefined || isLayimAnswer(parseJson(json));
  const address = new URL(isLayim ? '/api/import/layim' : '/api/import', server);
  if (groupId !== undefined) address.searchParams.set('group', groupId);
  const response = await fetch(address, {
    method: 'POST',
    headers: { Authorization: `Bearer ${env['ADMIN_TOKEN'] ?? ''}`, 'Content-Type': 'application/json' },
    body: json,
    signal: AbortSignal.timeout(SERVER_TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new ServerRefusedError(`${address.origin} does not answer.`, { cause: error });
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as ImportSummary;
  const message = (answer as { error?: { message?: string } } | undefined)?.error?.message;
  throw new ServerRefusedError(`${address.origin} refuses: ${message ?? `status ${response.status}`}`);
}

/** Mistakes of the caller's, and a database that is gone; anything else is a mistake of ours. */
function isExpected(error: unknown): error is Error {
  return (
    error instanceof UsageError ||
    error instanceof ServerRefusedError ||
    error instanceof ImportError ||
    error instanceof DatabaseUrlError ||
    error instanceof StoreUnavailableError ||
    (error instanceof Error && 'syscall' in error)
  );
}

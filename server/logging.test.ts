import { once } from 'node:events';
import { BlockList } from 'node:net';
import Router from '@koa/router';
import { ESLint } from 'eslint';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createApp } from './http/app.ts';
import { OriginGuard } from './http/origin-guard.ts';
import { OriginPolicy } from './http/origin-policy.ts';
import { portOf } from './listen.ts';

test('a logged error shows its message, its stack and its cause', async () => {
  const lines: string[] = [];
  const api = new Router().get('/api/fails', () => {
    throw new Error('the outer failure', { cause: new Error('the inner failure') });
  });
  const logger = pino({}, { write: (line) => void lines.push(line) });
  const policy = new OriginPolicy({
    allowedOrigins: [],
    publicUrl: undefined,
    trustedProxies: new BlockList(),
    isLoopbackOnly: true,
    allowsLocalhost: true,
  });
  const app = createApp({
    origins: new OriginGuard(policy, logger),
    health: { pool: { available: true }, isStopping: () => false },
    isTls: false,
    isDemoOn: false,
    api,
    logger,
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const response = await fetch(`http://127.0.0.1:${portOf(server)}/api/fails`);
  expect(response.status).toBe(500);
  server.close();
  const [line = '', ...others] = lines;
  expect(others).toEqual([]);
  const { level, msg, err } = JSON.parse(line) as { level: number; msg: string; err: Record<string, string> };
  expect({ level, msg }).toEqual({ level: 50, msg: 'a request could not be answered' });
  expect(err['message']).toBe('the outer failure: the inner failure');
  expect(err['stack']).toMatch(/Error: the outer failure\n\s+at .*logging\.test\.ts/);
  expect(err['stack']).toContain('caused by: Error: the inner failure');
});

const eslint = new ESLint();

/** The rules that a line of the server breaks. */
async function brokenRules(line: string): Promise<(string | null)[]> {
  const code = `export function log(logger, error) { ${line} }\n`;
  const [result] = await eslint.lintText(code, { filePath: 'server/example.ts' });
  return result?.messages.map(({ ruleId }) => ruleId) ?? [];
}

test.each([
  "logger.warn({ error }, 'x')",
  "logger.error({ callId: 1, error: String(error) }, 'x')",
  "logger.fatal({ ...error, 'error': error }, 'x')",
  "this.#logger.debug({ error }, 'x')",
  "this.options.logger?.info({ error }, 'x')",
  "logger.warn({ cause: error.cause }, 'x')",
  "logger.warn({ reason: error }, 'x')",
  'logger.error(error)',
])('the linter refuses %s', async (line) => {
  expect(await brokenRules(line)).toContain('no-restricted-syntax');
});

test.each([
  "logger.warn({ err: error, callId: 1 }, 'x')",
  "logger.warn({ code: error.code }, 'x')",
  'controller.error({ error })',
])('the linter takes %s', async (line) => {
  expect(await brokenRules(line)).not.toContain('no-restricted-syntax');
});

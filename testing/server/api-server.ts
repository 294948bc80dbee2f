import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { pino } from 'pino';
import { expect } from 'vitest';
import { GroupStore } from '../../server/groups/index.ts';
import { mismatches } from './json-schema.ts';
import { openApiDocument } from '../../server/http/api/openapi.ts';
import type { JsonSchema } from '../../server/http/api/operation.ts';
import { API_OPERATIONS, apiRouter } from '../../server/http/api/router.ts';

export const TOKEN = 'a-long-admin-token';

/** An answer of the API, parsed. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** The API on a port of its own. */
export class ApiServer {
  readonly store: GroupStore;
  readonly address: string;
  readonly #server: Server;

  readonly #lines: readonly string[];

  private constructor(store: GroupStore, server: Server, lines: readonly string[]) {
    this.store = store;
    this.#lines = lines;
    this.#server = server;
    this.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /**
   * @param adminToken without it the API is closed
   * @param databaseUrl by default a store in memory
   */
  static async listen(adminToken: string = TOKEN, databaseUrl = 'file::memory:'): Promise<ApiServer> {
    const lines: string[] = [];
    const logger = pino({}, { write: (line: string) => void lines.push(line) });
    const store = await GroupStore.open(databaseUrl, { logger });
    const app = new Koa().use(apiRouter({ store, adminToken, logger }).routes());
    // Koa would print what clients do to their connections.
    app.silent = true;
    const server = createServer(app.callback()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ApiServer(store, server, lines);
  }

  /** What was logged so far at a level, parsed. */
  logged(level: keyof typeof pino.levels.values): Record<string, unknown>[] {
    const all = this.#lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    return all.filter((line) => line['level'] === pino.levels.values[level]);
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await this.store.close();
  }

  /** Sends a request as the admin, and checks that the answer is as described. */
  async api(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.address + path, {
      method,
      headers: { Authorization: `Bearer ${TOKEN}` },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    expectDescribed(method, path, response.status, text === '' ? undefined : answer);
    return { status: response.status, headers: response.headers, body: answer };
  }

  /** Sends bytes as they are. */
  async send(headers: Record<string, string>, body: Buffer): Promise<number | undefined> {
    return await new Promise((resolve, reject) => {
      const options = { method: 'POST', headers: { Authorization: `Bearer ${TOKEN}`, ...headers } };
      const request = httpRequest(`${this.address}/api/import`, options, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.end(body);
    });
  }
}

function expectDescribed(method: string, path: string, status: number, body: unknown): void {
  const [pathname = ''] = path.split('?');
  const operation = API_OPERATIONS.find(
    (candidate) => candidate.method === method.toLowerCase() && matches(candidate.path, pathname),
  );
  if (!operation) return;
  const document = openApiDocument(API_OPERATIONS);
  const described = document.paths[operation.path]?.[operation.method] as {
    responses: Record<string, { content?: { 'application/json': { schema: JsonSchema } } }>;
  };
  const response = described.responses[status];
  expect(response, `${method} ${path} answers ${status}, which is not described`).toBeDefined();
  const schema = response?.content?.['application/json'].schema;
  if (schema) expect(mismatches(body, schema)).toEqual([]);
  else expect(body).toBeUndefined();
}

function matches(template: string, path: string): boolean {
  return new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
}

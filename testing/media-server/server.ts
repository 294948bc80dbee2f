import { afterEach } from 'vitest';
import { createLogger } from '../../media-server/logger.ts';
import { startMediaServer, type MediaServer, type MediaServerOptions } from '../../media-server/server.ts';
import { RawClient } from './raw-client.ts';

const disposers: (() => Promise<void> | void)[] = [];

/** Ends whatever the test opened, last first. */
export function cleanUpAfterEach(): void {
  afterEach(async () => {
    for (const dispose of disposers.splice(0).reverse()) await dispose();
  });
}

/** A silent server on a free port of loopback, for one test. */
export async function startServer(options: MediaServerOptions = {}): Promise<MediaServer> {
  const server = await startMediaServer({ logger: createLogger('silent'), ...options });
  disposers.push(() => server.close());
  return server;
}

/** A raw client, for one test. */
export async function connect(url: string, headers?: Record<string, string>): Promise<RawClient> {
  const client = await RawClient.open(url, headers);
  disposers.push(() => client.drop());
  return client;
}

/** A server, a client and a pipeline. */
export async function startWithPipeline(): Promise<{
  server: MediaServer;
  client: RawClient;
  pipeline: string;
}> {
  const server = await startServer();
  const client = await connect(server.url);
  return { server, client, pipeline: await client.create('MediaPipeline') };
}

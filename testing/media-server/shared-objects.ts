import { beforeAll } from 'vitest';
import { createLogger } from '../../media-server/logger.ts';
import type { Json } from '../../media-server/kurento/rpc/json.ts';
import { startMediaServer } from '../../media-server/server.ts';
import { RawClient } from './raw-client.ts';

/** Objects for a table of requests and answers, and the client to try them with. */
interface ObjectFixture {
  readonly client: RawClient;
  /** Replaces short names by ids. */
  filled<T extends Json>(value: T): T;
}

/**
 * One server for all tests of a file, with two pipelines: `<p>` with the endpoints `<e>` and `<f>` and the
 * PassThrough `<t>`; another one with the endpoint `<o>`. `<m>` is the manager.
 */
export function shareObjects(): ObjectFixture {
  let ids: Record<string, string> = {};
  let shared: RawClient | undefined;
  beforeAll(async () => {
    const server = await startMediaServer({ logger: createLogger('silent') });
    const client = await RawClient.open(server.url);
    shared = client;
    const mediaPipeline = await client.create('MediaPipeline');
    const other = await client.create('MediaPipeline');
    ids = {
      '<p>': mediaPipeline,
      '<e>': await client.create('WebRtcEndpoint', { mediaPipeline }),
      '<f>': await client.create('WebRtcEndpoint', { mediaPipeline }),
      '<t>': await client.create('PassThrough', { mediaPipeline }),
      '<o>': await client.create('WebRtcEndpoint', { mediaPipeline: other }),
      '<m>': 'manager_ServerManager',
    };
    return async () => {
      client.drop();
      await server.close();
    };
  });
  return {
    get client(): RawClient {
      if (!shared) throw new Error('only within a test');
      return shared;
    },
    filled<T extends Json>(value: T): T {
      const fill = (text: string, [name, id]: [string, string]): string => text.replaceAll(name, id);
      return JSON.parse(Object.entries(ids).reduce(fill, JSON.stringify(value))) as T;
    },
  };
}

import { once } from 'node:events';
import { WebSocket } from 'ws';

/** What there is on a media server, whoever made it. */
export interface MediaObjects {
  readonly pipelines: number;
  readonly endpoints: number;
  /** Endpoints that get another one's picture, or sound. */
  readonly connections: number;
}

/**
 * Counts by Kurento's own protocol, on a socket of its own.
 * @param uri the media server's WebSocket address
 * @param medium which connections are counted
 */
export async function mediaObjectsOf(
  uri: string,
  medium: 'AUDIO' | 'VIDEO' = 'VIDEO',
): Promise<MediaObjects> {
  const socket = new WebSocket(uri);
  const answers = new Map<number, (value: unknown) => void>();
  socket.on('message', (data) => {
    const { id, result } = JSON.parse(String(data)) as { id: number; result?: { value?: unknown } };
    // What was released meanwhile has nothing to tell.
    answers.get(id)?.(result?.value ?? []);
  });
  const invoke = <T>(object: string, operation: string) =>
    new Promise<T[]>((resolve) => {
      const id = answers.size + 1;
      answers.set(id, (value) => resolve(value as T[]));
      const params = { object, operation, operationParams: {} };
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'invoke', params }));
    });
  await once(socket, 'open');
  const pipelines = await invoke<string>('manager_ServerManager', 'getPipelines');
  const children = await Promise.all(pipelines.map((pipeline) => invoke<string>(pipeline, 'getChildren')));
  const endpoints = children.flat();
  const sources = await Promise.all(
    endpoints.map((endpoint) => invoke<{ type: string }>(endpoint, 'getSourceConnections')),
  );
  socket.terminate();
  const connections = sources.filter((each) => each.some(({ type }) => type === medium)).length;
  return { pipelines: pipelines.length, endpoints: endpoints.length, connections };
}

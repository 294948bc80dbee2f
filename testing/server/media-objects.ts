import { once } from 'node:events';
import { WebSocket } from 'ws';

/** What there is on a media server, whoever made it. */
export interface MediaObjects {
  readonly pipelines: number;
  readonly endpoints: number;
  /** Endpoints that get another one's picture, or sound. */
  readonly connections: number;
}

interface RtpStats {
  readonly type: string;
  readonly ssrc: string;
  readonly packetsReceived?: number;
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
  const inspector = await Inspector.connect(uri);
  const { pipelines, endpoints } = await inspector.objects();
  const sources = await Promise.all(
    endpoints.map((endpoint) => inspector.invoke<{ type: string }[]>(endpoint, 'getSourceConnections', [])),
  );
  inspector.close();
  const connections = sources.filter((each) => each.some(({ type }) => type === medium)).length;
  return { pipelines: pipelines.length, endpoints: endpoints.length, connections };
}

/**
 * How many RTP packets of a stream a media server has received, as it counts them itself.
 * @param uri the media server's WebSocket address
 * @param ssrc the stream's, as its sender numbers it (RFC 3550)
 */
export async function packetsReceived(uri: string, ssrc: number): Promise<number> {
  const inspector = await Inspector.connect(uri);
  const { endpoints } = await inspector.objects();
  const stats = await Promise.all(
    endpoints.map((endpoint) => inspector.invoke<Record<string, RtpStats>>(endpoint, 'getStats', {})),
  );
  inspector.close();
  const ofStream = stats
    .flatMap((each) => Object.values(each))
    .filter((each) => each.type === 'inboundrtp' && each.ssrc === String(ssrc));
  return ofStream.reduce((sum, each) => sum + (each.packetsReceived ?? 0), 0);
}

/** Looks at a media server's objects. */
class Inspector {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (value: unknown) => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const { id, result } = JSON.parse(String(data)) as { id: number; result?: { value?: unknown } };
      this.#answers.get(id)?.(result?.value);
    });
  }

  static async connect(uri: string): Promise<Inspector> {
    const socket = new WebSocket(uri);
    const inspector = new Inspector(socket);
    await once(socket, 'open');
    return inspector;
  }

  /** @param released what stands for the answer of an object that was released meanwhile */
  invoke<T>(object: string, operation: string, released: T): Promise<T> {
    return new Promise((resolve) => {
      const id = this.#answers.size + 1;
      this.#answers.set(id, (value) => resolve((value as T | undefined) ?? released));
      const params = { object, operation, operationParams: {} };
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'invoke', params }));
    });
  }

  async objects(): Promise<{ readonly pipelines: readonly string[]; readonly endpoints: readonly string[] }> {
    const pipelines = await this.invoke<string[]>('manager_ServerManager', 'getPipelines', []);
    const children = await Promise.all(
      pipelines.map((pipeline) => this.invoke<string[]>(pipeline, 'getChildren', [])),
    );
    return { pipelines, endpoints: children.flat() };
  }

  close(): void {
    this.#socket.terminate();
  }
}

import type { EventEmitter } from 'node:events';
import type { ClientOptions } from 'ws';

/** One open WebSocket: one `write` is one text frame, one frame is one `data` event. */
interface FrameTransport extends EventEmitter<{ data: [frame: string] }> {
  writable: boolean;
  write(frame: string): boolean;
}

/** What `connect` takes beside the options of `ws`. `kurento-client` hands its option `socket` over as it is. */
interface ConnectOptions extends ClientOptions {
  /** Emit `fail` when the very first connection cannot be made, instead of trying again. */
  failFast?: boolean;
}

interface ReconnectorEvents {
  /** Open; emitted just before `connect`. */
  connection: [transport: FrameTransport];
  connect: [transport: FrameTransport];
  /** An open connection was lost, or an attempt failed. */
  disconnect: [reason: Error];
  /** Attempt `n` (from 1) begins, `delay` milliseconds after the last one ended. */
  reconnect: [n: number, delay: number];
  /** Given up: nothing follows. */
  fail: [reason: Error];
  error: [error: Error];
}

/** A WebSocket that is opened again, after growing pauses, each time it closes. */
interface Reconnector extends EventEmitter<ReconnectorEvents> {
  readonly connected: boolean;
  readonly reconnect: boolean;
  connect(url: string, options?: ConnectOptions): this;
  disconnect(): this;
}

declare function reconnect(
  options?: { failAfter?: number } | ((transport: FrameTransport) => void),
  onConnect?: (transport: FrameTransport) => void,
): Reconnector;

declare namespace reconnect {
  export type { ConnectOptions, FrameTransport, Reconnector };
}

export = reconnect;

/**
 * The part of kurento-client 7.2.0 that is used here; the package has no types of its own.
 *
 * Callback style only: its promises resolve to `undefined` when the server refuses. Its objects are thenables,
 * so they must never be what a promise resolves with or what an async function returns.
 */
declare module 'kurento-client' {
  import type { Reconnector, ConnectOptions } from 'reconnect-ws';

  namespace kurento {
    /** A refusal of the media server, or a failure of the client (then without `data`). */
    interface ServerError extends Error {
      code?: number;
      data?: { type?: string };
    }

    type Callback<T> = (error: ServerError | null | undefined, result: T) => void;

    interface MediaObject {
      readonly id: string;
      getName(callback: Callback<string>): unknown;
      on(event: string, listener: (data: never) => void): this;
      removeAllListeners(event: string): this;
      /**
       * Sends a request about this object, as its own methods do.
       *
       * When the method is the string `release` the client holds back all later requests, about other objects
       * too, until that one is answered; so it is given as an object that becomes the string only in JSON.
       */
      emit(
        event: '_rpc',
        transaction: undefined,
        method: 'subscribe' | { toJSON(): 'release' },
        params: { object: MediaObject; type?: string },
        callback: Callback<unknown>,
      ): boolean;
      /** Takes the object, and those in it, out of the client's list. */
      emit(event: 'release'): boolean;
    }

    type MediaPipeline = MediaObject;
    type ServerManager = Pick<MediaObject, 'getName'>;

    interface IceCandidate {
      candidate: string;
      sdpMid: string;
      sdpMLineIndex: number;
    }

    interface IceCandidateFoundEvent {
      candidate: IceCandidate;
    }

    type MediaType = 'AUDIO' | 'VIDEO' | 'DATA';

    interface WebRtcEndpoint extends MediaObject {
      processOffer(offer: string, callback: Callback<string>): unknown;
      gatherCandidates(callback: Callback<unknown>): unknown;
      addIceCandidate(candidate: IceCandidate, callback: Callback<unknown>): unknown;
      connect(sink: WebRtcEndpoint, callback: Callback<unknown>): unknown;
      connect(sink: WebRtcEndpoint, mediaType: MediaType, callback: Callback<unknown>): unknown;
      disconnect(sink: WebRtcEndpoint, callback: Callback<unknown>): unknown;
      disconnect(sink: WebRtcEndpoint, mediaType: MediaType, callback: Callback<unknown>): unknown;
    }

    interface Options {
      /** Asks the server at once which modules it has, and fails if one is missing. */
      strict?: boolean;
      /** Milliseconds until a request without an answer fails. */
      request_timeout?: number;
      response_timeout?: number;
      /** Milliseconds for which the id of every answered request is remembered, with a timer each. */
      duplicates_timeout?: number;
      socket?: ConnectOptions;
    }

    interface Client {
      /** The socket below; the stand-in in packages/reconnect-ws. */
      readonly _re: Reconnector;
      create(type: 'MediaPipeline', callback: Callback<MediaPipeline>): unknown;
      create(
        type: 'WebRtcEndpoint',
        params: { mediaPipeline: MediaPipeline },
        callback: Callback<WebRtcEndpoint>,
      ): unknown;
      getServerManager(callback: Callback<ServerManager>): unknown;
      /** The answer to `connect {sessionId}` after the socket was opened again. */
      on(event: 'reconnected', listener: (sameSession: boolean) => void): this;
      close(): void;
    }
  }

  function kurento(
    uri: string,
    options: kurento.Options,
    callback: kurento.Callback<unknown>,
  ): kurento.Client;

  export = kurento;
}

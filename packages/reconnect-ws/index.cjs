'use strict';

const { EventEmitter } = require('node:events');
const ws = require('ws');

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;
const HANDSHAKE_TIMEOUT_MS = 5_000;
/** How long a peer may take to answer the closing handshake before its socket is cut. */
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * One open WebSocket as `kurento-jsonrpc` wants its transport: `write` sends one text frame,
 * every frame received is one `data` event with a string.
 */
class FrameTransport extends EventEmitter {
  #socket;

  /** `kurento-client` sets it to false on a connection that opens after `close()`. */
  writable = true;

  constructor(socket) {
    super();
    this.#socket = socket;
  }

  /**
   * @param {string} frame
   * @returns {boolean} false when the socket is not open: the frame is dropped and the request times out
   */
  write(frame) {
    if (!this.writable || this.#socket.readyState !== ws.OPEN) return false;
    this.#socket.send(frame, { binary: false });
    return true;
  }
}

/** A WebSocket that is opened again, after growing pauses, each time it closes. */
class Reconnector extends EventEmitter {
  /** Whether the socket is open now. */
  connected = false;
  /** Whether it will be opened again when it closes. */
  reconnect = true;

  #failAfter;
  #url;
  #failFast = false;
  #socketOptions = {};
  #socket;
  #retryTimer;
  #attempts = 0;

  constructor({ failAfter = Infinity } = {}, onConnect) {
    super();
    // `kurento-client` adds one listener for every request made while the socket is closed.
    this.setMaxListeners(0);
    this.#failAfter = failAfter;
    if (onConnect) this.on('connect', onConnect);
  }

  connect(url, { failFast = false, ...socketOptions } = {}) {
    this.#url = url;
    this.#failFast = failFast;
    this.#socketOptions = socketOptions;
    this.#attempts = 0;
    this.reconnect = true;
    if (!this.#socket) this.#open();
    return this;
  }

  disconnect() {
    this.reconnect = false;
    clearTimeout(this.#retryTimer);
    const socket = this.#socket;
    if (!socket) return this;
    socket.close(1000);
    const cut = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS);
    socket.once('close', () => clearTimeout(cut));
    return this;
  }

  #open() {
    const socket = new ws(this.#url, {
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      perMessageDeflate: false,
      ...this.#socketOptions,
    });
    const transport = new FrameTransport(socket);
    this.#socket = socket;
    let reason;

    socket.on('open', () => this.#opened(transport));
    socket.on('message', (data) => {
      // An endpoint that accepts and then closes (a wrong path, say) never gets here, so its pauses grow.
      this.#attempts = 0;
      const frame = data.toString();
      if (frame !== '') transport.emit('data', frame);
    });
    socket.on('error', (error) => {
      reason = error;
      if (this.listenerCount('error') > 0) this.emit('error', error);
    });
    socket.on('close', (code) => this.#closed(reason ?? new Error(`WebSocket closed with code ${code}`)));
  }

  #opened(transport) {
    // A connection that was called off while it opened has no one to serve.
    if (!this.reconnect) return;
    this.connected = true;
    this.#failFast = false;
    this.emit('connection', transport);
    this.emit('connect', transport);
  }

  #closed(reason) {
    this.#socket = undefined;
    this.connected = false;
    this.emit('disconnect', reason);
    if (!this.reconnect) return;
    if (this.#failFast || this.#attempts >= this.#failAfter) {
      this.reconnect = false;
      this.emit('fail', reason);
      return;
    }
    const delay = Math.min(FIRST_DELAY_MS * 2 ** this.#attempts, LONGEST_DELAY_MS);
    this.#attempts += 1;
    const attempt = this.#attempts;
    this.#retryTimer = setTimeout(() => {
      this.emit('reconnect', attempt, delay);
      if (this.reconnect) this.#open();
    }, delay);
  }
}

/**
 * Stand-in for the `reconnect-ws` that `kurento-client` takes from a git branch.
 *
 * @param {{failAfter?: number}} [options] `failAfter`: consecutive retries before `fail`
 * @param {(transport: FrameTransport) => void} [onConnect] listener of `connect`
 */
module.exports = function reconnect(options, onConnect) {
  return typeof options === 'function' ? new Reconnector({}, options) : new Reconnector(options, onConnect);
};

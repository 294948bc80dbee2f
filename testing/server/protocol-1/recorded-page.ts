import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { WebSocket } from 'ws';
import { CHROMIUM_OFFER } from '../test-client.ts';
import { SERVER_MESSAGES } from './schemas.ts';

type Frame = Readonly<Record<string, unknown>> & { readonly id: string };

/** What happened on one page; frames of several pages stand in the order of cause and effect. */
type Recorded =
  | { readonly page: string; readonly direction: 'sent'; readonly frame: Frame }
  | { readonly page: string; readonly direction: 'received'; readonly frame: Frame }
  | { readonly page: string; readonly direction: 'closed'; readonly code: number };

/**
 * What pages of protocol 1 sent and received, recorded in Chromium before there was a protocol 2. Session
 * descriptions are left out.
 */
export function recordingOf(name: 'one-to-one' | 'group'): readonly Recorded[] {
  return JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), 'utf8')) as Recorded[];
}

/** How often these come is the server's affair, and depends on the network's and the machine's speed. */
const UNCOUNTED = ['iceCandidate', 'groupCallState', 'invitedState', 'callProgress'];
/** What a user does, when everybody has seen what went before. */
const USER_ACTIONS = ['call', 'incomingCallResponse', 'joinRoom', 'leaveRoom', 'stop'];
/** What tells two frames with the same id apart. */
const MARKS = ['response', 'state', 'from', 'name', 'sender', 'reason', 'audio'] as const;

/** How long a frame may take to come; only ever waited for when a test fails. */
const PATIENCE_MS = 15_000;

/** A page of protocol 1: does what was recorded, and drops every frame that its schemas do not know. */
export class RecordedPage {
  readonly #socket: WebSocket;
  readonly #frames: Frame[] = [];
  /** Frames that a page of protocol 1 does not understand. */
  readonly dropped: string[] = [];
  #callId = '';
  #wake: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#receive(String(data)));
  }

  static async open(url: string): Promise<RecordedPage> {
    const socket = new WebSocket(new URL('/signal', url.replace('http', 'ws')));
    await once(socket, 'open');
    return new RecordedPage(socket);
  }

  /** The ids of everything that came, each once. */
  get seen(): readonly string[] {
    return [...new Set(this.#frames.map(({ id }) => id))];
  }

  send(frame: Frame): void {
    const { sdpOffer, callId } = frame;
    const own = {
      ...(sdpOffer ? { sdpOffer: CHROMIUM_OFFER } : {}),
      ...(callId ? { callId: this.#callId } : {}),
    };
    this.#socket.send(JSON.stringify({ ...frame, ...own }));
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  /** Waits until as many frames like these have come. */
  async received(recorded: readonly Frame[]): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (let missing = this.#missing(recorded); missing; missing = this.#missing(recorded)) {
      if (Date.now() > deadline) throw new Error(`did not come: ${JSON.stringify(missing)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 100).unref();
      });
    }
  }

  #missing(recorded: readonly Frame[]): Frame | undefined {
    return recorded.find((frame) => {
      const alike = (other: Frame) => markOf(other) === markOf(frame);
      const wanted = UNCOUNTED.includes(frame.id) ? 1 : recorded.filter(alike).length;
      return this.#frames.filter(alike).length < wanted;
    });
  }

  #receive(data: string): void {
    const frame = JSON.parse(data) as Frame;
    const schema = (SERVER_MESSAGES as Readonly<Record<string, v.GenericSchema>>)[frame.id];
    if (!schema || !v.is(schema, frame)) this.dropped.push(data);
    this.#frames.push(frame);
    if (typeof frame['callId'] === 'string') this.#callId = frame['callId'];
    this.#wake();
  }
}

function markOf(frame: Frame): string {
  return JSON.stringify([frame.id, ...MARKS.map((field) => frame[field])]);
}

/**
 * Lets the recorded pages do again what they did.
 * @returns the pages, by the names of their users
 * @throws Error a page does not get what it got then
 */
export async function replay(
  url: string,
  recording: readonly Recorded[],
): Promise<Map<string, RecordedPage>> {
  const pages = new Map<string, RecordedPage>();
  const expected = new Map<string, Frame[]>();
  for (const entry of recording) {
    const { page: name } = entry;
    const page = pages.get(name) ?? (await RecordedPage.open(url));
    pages.set(name, page);
    const frames = expected.get(name) ?? [];
    expected.set(name, frames);
    if (entry.direction === 'received') {
      frames.push(entry.frame);
      continue;
    }
    const isUserAction = entry.direction === 'closed' || USER_ACTIONS.includes(entry.frame.id);
    for (const [other, seen] of isUserAction ? expected : [[name, frames] as const]) {
      await pages.get(other)?.received(seen);
    }
    if (entry.direction === 'sent') page.send(entry.frame);
    else page.close(entry.code);
  }
  return pages;
}

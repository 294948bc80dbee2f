import type { Media, ServerMessage } from '../protocol/index.ts';
import { callbackAdapter } from './adapters/callback.ts';
import type { CallTarget, ChatAdapter } from './adapters/chat.ts';
import { LayimAdapter } from './adapters/layim.ts';
import { guarded } from './session/guarded.ts';
import type { SessionControls, SessionHost } from './session/host.ts';
import { identityOf, localeOf, toolsIn } from './element-settings.ts';
import type { Notify } from './events.ts';
import { signalingAddress } from './signaling/address.ts';
import { findCredentials, type Identity } from './signaling/credentials.ts';
import { findReason } from './signaling/reachability.ts';
import { Signaling } from './signaling/socket.ts';

/** What the loader knows and the element needs. */
export interface ElementEnvironment {
  /** Where the script came from. */
  readonly scriptUrl: string;
  /** Loads the calls and their interface. */
  readonly loadCalls: () => Promise<{ startCalls(host: SessionHost): SessionControls }>;
}

/** Messages for which the calls are loaded if they are not yet. */
const LOADING: ReadonlySet<ServerMessage['id']> = new Set([
  'incomingCall',
  'missedCall',
  'groupCallState',
] as const);

let environment: ElementEnvironment;

/** Gives the element what only the loader knows; before it is defined. */
export function setEnvironment(value: ElementEnvironment): void {
  environment = value;
}

/**
 * Video calls in a chat page.
 *
 * @tagname video-call
 *
 * @attr {string} server-url - the call server's address; where the script came from by default
 * @attr {string} user-id - who is using the page; LayIM's user by default
 * @attr {string} user-name - the name others see
 * @attr {string} avatar - address of the picture others see
 * @attr {string} token - a signed token that says who this is
 * @attr {string} token-url - where the page's backend hands out fresh tokens
 * @attr {string} locale - `zh-CN` or `en`
 * @attr {string} tools - the toolbar's aliases that start a call, separated by commas
 *
 * @fires {CustomEvent<VideoCallEventDetails['video-call-ready']>} video-call-ready - registered with the server
 * @fires {CustomEvent<VideoCallEventDetails['video-call-incoming']>} video-call-incoming - it rings
 * @fires {CustomEvent<VideoCallEventDetails['video-call-started']>} video-call-started - the call is connected
 * @fires {CustomEvent<VideoCallEventDetails['video-call-ended']>} video-call-ended - the call is over, and why
 * @fires {CustomEvent<VideoCallEventDetails['video-call-missed']>} video-call-missed - somebody called in vain
 * @fires {CustomEvent<VideoCallEventDetails['video-call-record']>} video-call-record - a line for the chat
 * @fires {CustomEvent<VideoCallEventDetails['video-call-error']>} video-call-error - something failed, and why
 *
 * @csspart incoming - the card of a call that rings or was missed
 * @csspart accept - button: accept with camera
 * @csspart accept-audio - button: accept with voice only
 * @csspart reject - button: refuse
 * @csspart dialog - the window of a one-to-one call
 * @csspart room - the window of a group's call
 * @csspart status - the line that says how things stand
 * @csspart local-video - one's own picture
 * @csspart remote-video - somebody else's picture
 * @csspart tile - somebody in a group's call; `data-name` is the id
 * @csspart invited - somebody who was invited and is not there; `data-name` is the id
 * @csspart invite - button: ring somebody again
 * @csspart invite-all - button: ring all who are not there again
 * @csspart hang-up - button: end the call, leave the room, or call it off
 * @csspart microphone - button: microphone on or off
 * @csspart camera - button: camera on or off
 * @csspart screen - button: show the screen, or stop
 * @csspart minimize - button: make the window small
 * @csspart restore - button: bring the small window back
 * @csspart fullscreen - button: fill the screen
 * @csspart picture-in-picture - button: show the picture above all windows
 * @csspart resume-sound - button: start the sound that the browser held back
 * @csspart participants - button: open the list of people
 * @csspart participants-panel - the list of people
 * @csspart close-panel - button: close the list of people
 * @csspart mute - button: mute somebody
 * @csspart remove - button: remove somebody from the call
 * @csspart end-for-all - button: end the group's call for everybody
 * @csspart pager - the pages of a large room
 * @csspart previous-page - button: the page before
 * @csspart next-page - button: the page after
 * @csspart banner - the line that says that a group's call runs
 * @csspart join - button: join a group's call
 * @csspart dismiss - button: put the card or the banner away
 * @csspart close - button: close the window of a call that is over
 * @csspart call-again - button: call once more
 * @csspart continue - button: go on without the device that is missing
 * @csspart retry - button: try again
 * @csspart open-server - link: the server's own address, to accept its certificate
 */
export class VideoCallElement extends HTMLElement {
  readonly #root = this.attachShadow({ mode: 'open' });
  #chats: readonly ChatAdapter[] = [];
  #signaling: Signaling | undefined;
  #calls: SessionControls | undefined;
  #loading: Promise<SessionControls | undefined> | undefined;
  /** Messages that came while the calls were being loaded. */
  #pending: ServerMessage[] = [];
  /** Why the server cannot be reached, as the page was told last. */
  #toldReason: string | undefined;
  #disconnected = new AbortController();
  #beginsAnew = false;

  static readonly observedAttributes = ['server-url', 'user-id', 'token', 'token-url'];

  /** Somebody else uses the page now, or it is known at last who does. */
  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (!this.#signaling || before === now || this.#beginsAnew) return;
    // A fresher token of the same user ends no call.
    if (name === 'token' && this.#signaling.state === 'ready') return this.#signaling.tokenChanged();
    this.#beginsAnew = true;
    // Pages set several attributes one after the other.
    queueMicrotask(() => {
      this.#beginsAnew = false;
      if (!this.#signaling) return;
      this.disconnectedCallback();
      this.connectedCallback();
    });
  }

  connectedCallback(): void {
    this.#disconnected = new AbortController();
    const { signal } = this.#disconnected;
    this.#chats = this.#connectChats();
    window.addEventListener('pagehide', () => this.#leave(), { signal });
    window.addEventListener('pageshow', ({ persisted }) => persisted && this.#signaling?.start(), { signal });
    void this.#connect(signal);
  }

  disconnectedCallback(): void {
    this.#disconnected.abort();
    this.#calls?.dispose();
    this.#signaling?.stop();
    for (const chat of this.#chats) chat.dispose();
    this.#chats = [];
    this.#calls = this.#loading = this.#signaling = undefined;
    this.#pending = [];
  }

  /**
   * Calls somebody.
   * @param target LayIM's `type` and `id`; name and picture are shown at once
   * @param options `media` is `video` by default
   * @throws TypeError the target has no id
   */
  call(target: CallTarget, { media = 'video' }: { readonly media?: Media | undefined } = {}): void {
    // Pages are not typed.
    const { id } = (target ?? {}) as Partial<CallTarget>;
    if (id === undefined || id === null || id === '') throw new TypeError('call() needs {type, id}.');
    void this.#load().then((calls) => calls?.call(target, media));
  }

  /** Accepts the call that rings. */
  accept(): void {
    this.#ask((calls) => calls.accept());
  }

  /** Refuses the call that rings. */
  reject(): void {
    this.#ask((calls) => calls.reject());
  }

  /** Ends the call, or calls it off. */
  hangUp(): void {
    this.#ask((calls) => calls.hangUp());
  }

  toggleMicrophone(): void {
    this.#ask((calls) => calls.toggleMicrophone());
  }

  toggleCamera(): void {
    this.#ask((calls) => calls.toggleCamera());
  }

  /** Shows the screen instead of the camera, or stops doing so. */
  shareScreen(): void {
    this.#ask((calls) => calls.shareScreen());
  }

  /** Without a ring or a call nothing is loaded, and nothing to be done. */
  #ask(wish: (calls: SessionControls) => void): void {
    if (this.#calls) wish(this.#calls);
    else void this.#loading?.then((calls) => calls && wish(calls));
  }

  /** The first one that knows says who is using the page; records go to all. */
  #connectChats(): readonly ChatAdapter[] {
    const layim = new LayimAdapter({
      tools: toolsIn(this.getAttribute('tools')),
      requests: {
        call: (target, media) => this.call(target, { media }),
        prefetch: () => void environment.loadCalls().catch(() => undefined),
      },
    });
    const any = callbackAdapter(identityOf(this), (record) => this.#notify('video-call-record', record));
    return [any, layim];
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const signaling = new Signaling({
      address: signalingAddress(this.#serverUrl, location.href),
      credentials: () =>
        findCredentials(
          {
            token: this.getAttribute('token') ?? undefined,
            tokenUrl: this.getAttribute('token-url') ?? undefined,
          },
          () => this.#identity(),
        ),
    });
    this.#signaling = signaling;
    signaling.on('ready', ({ user, resumed, groupCalls }) => {
      this.#toldReason = undefined;
      if (groupCalls.length > 0) void this.#load();
      if (!resumed) this.#notify('video-call-ready', { user });
    });
    signaling.on('refused', ({ code, message }) => this.#notify('video-call-error', { code, message }));
    signaling.on('unreachable', (answer) => void this.#explain(signal, answer));
    signaling.on('message', (message) => this.#receive(message));
    if (!this.hasAttribute('token') && !this.hasAttribute('token-url')) await this.#identity();
    if (!signal.aborted) signaling.start();
  }

  get #serverUrl(): string {
    return this.getAttribute('server-url') || new URL('.', environment.scriptUrl).href;
  }

  #identity(): Promise<Identity> {
    return Promise.race(this.#chats.map((chat) => chat.identity()));
  }

  #receive(message: ServerMessage): void {
    // Once loaded the calls listen by themselves.
    if (this.#calls) return;
    if (!this.#loading && !isForCalls(message)) return;
    this.#pending.push(message);
    void this.#load();
  }

  #load(): Promise<SessionControls | undefined> {
    if (!this.#signaling) return Promise.resolve(undefined);
    const { signal } = this.#disconnected;
    this.#loading ??= environment.loadCalls().then(
      ({ startCalls }) => (signal.aborted ? undefined : this.#start(startCalls)),
      (error: unknown) => {
        this.#loading = undefined;
        const message = `The call window could not be loaded: ${error instanceof Error ? error.message : error}`;
        this.#notify('video-call-error', { code: 'server-unreachable', message });
        return undefined;
      },
    );
    return this.#loading;
  }

  #start(startCalls: (host: SessionHost) => SessionControls): SessionControls | undefined {
    if (!this.#signaling) return undefined;
    const calls = startCalls({
      root: this.#root,
      locale: localeOf(this),
      signaling: this.#signaling,
      notify: this.#notify,
      record: (record) => this.#chats.forEach((chat) => guarded(() => chat.record(record))),
    });
    this.#calls = calls;
    for (const message of this.#pending.splice(0)) calls.receive(message);
    return calls;
  }

  /** @param answer what the server said, if it was reached */
  async #explain(signal: AbortSignal, answer: string | undefined): Promise<void> {
    const reason = await findReason({
      answer,
      serverUrl: this.#serverUrl,
      pageUrl: location.href,
      scriptUrl: environment.scriptUrl,
      online: navigator.onLine,
      fetch: fetch.bind(window),
    });
    if (signal.aborted || this.#signaling?.state === 'ready') return;
    this.#calls?.unreachable(reason);
    if (reason.code !== this.#toldReason) this.#notify('video-call-error', reason);
    this.#toldReason = reason.code;
  }

  #leave(): void {
    this.#calls?.leave();
    this.#signaling?.stop();
  }

  readonly #notify: Notify = (name, detail) => {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  };
}

function isForCalls(message: ServerMessage): boolean {
  // The end of a call that nobody was shown is no news.
  return LOADING.has(message.id) && (message.id !== 'groupCallState' || message.active);
}

declare global {
  interface HTMLElementTagNameMap {
    'video-call': VideoCallElement;
  }
}

import type { IceServer, Media, Person, ServerMessage } from '../../protocol/index.ts';
import { browserDevices } from '../media/devices.ts';
import type { Unreachable } from '../signaling/reachability.ts';
import type { SignalingEvents } from '../signaling/socket.ts';
import { CallMedia } from './call-media.ts';
import type { CallHost } from '../session/host.ts';
import { transition } from './machine.ts';
import { tell } from '../session/tell.ts';
import { IDLE, isOngoing, type CallEffect, type CallEvent, type CallState } from './state.ts';
import { createStore } from '../session/store.ts';
import { viewOf } from './view-of.ts';
import type { CallActions, CallView, ProblemCode, Store } from './view.ts';

/** How long the server may take to name a call, in milliseconds. */
const CALL_REPLY_TIMEOUT_MS = 15_000;

/** Runs the call's state machine: turns its effects into messages, media, events and what is shown. */
export class CallController {
  readonly #host: CallHost;
  readonly #view = createStore<CallView>({ phase: 'idle' });
  readonly #queue: CallEvent[] = [];
  readonly #disposers: (() => void)[] = [];
  #running = false;
  #state: CallState = IDLE;
  #media: CallMedia | undefined;
  /** The last `mediaState` sent; undefined while the other side is not to be told. */
  #toldMediaState: string | undefined;
  #replyTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: CallHost) {
    this.#host = host;
    this.#listen('message', (message) => this.receive(message));
    this.#listen('state', (state) => this.#dispatch({ type: state === 'ready' ? 'online' : 'offline' }));
    this.#listen('expired', () => this.#dispatch({ type: 'session-expired' }));
    this.#listen('refused', ({ code, message }) => {
      const problem = code === 'token-expired' ? 'token-expired' : 'not-registered';
      this.#unreachable(problem, message);
    });
  }

  /** What is shown. */
  get view(): Store<CallView> {
    return this.#view;
  }

  /** What the interface asks for. */
  readonly actions: CallActions = {
    accept: (media) => this.#dispatch({ type: 'accept', media }),
    reject: () => this.reject(),
    hangUp: () => this.hangUp(),
    toggleMicrophone: () => this.toggleMicrophone(),
    toggleCamera: () => this.toggleCamera(),
    shareScreen: () => this.shareScreen(),
    callAgain: () => {
      this.#dispatch({ type: 'call-again' });
      this.#connect();
    },
    retry: () => {
      this.#dispatch({ type: 'retry' });
      this.#connect();
    },
    continueWithoutDevices: () => {
      this.#dispatch({ type: 'continue-without-devices' });
      this.#connect();
    },
    dismiss: () => this.dismiss(),
    resumeSound: () => {
      if (!this.#media) return;
      this.#media.soundBlocked = false;
      this.#show();
    },
  };

  /** Whether a call is under way, be it that it rings here. */
  get isBusy(): boolean {
    return isOngoing(this.#state.current);
  }

  /** Whether somebody's call rings here. */
  get rings(): boolean {
    return this.#state.current.phase === 'incoming';
  }

  /** Whether it is still shown how the last call went. */
  get isOver(): boolean {
    const { phase } = this.#state.current;
    return phase === 'ended' || phase === 'problem';
  }

  call(peer: Person, media: Media): void {
    this.#dispatch({ type: 'dial', peer, media });
    this.#connect();
  }

  /** Accepts the call that rings. @default media the call's own */
  accept(media?: Media): void {
    const { current } = this.#state;
    if (current.phase === 'incoming') this.#dispatch({ type: 'accept', media: media ?? current.media });
  }

  reject(): void {
    if (this.#state.current.phase === 'incoming') this.#dispatch({ type: 'reject' });
  }

  hangUp(): void {
    this.#dispatch({ type: 'hang-up' });
  }

  toggleMicrophone(): void {
    void this.#media?.local.toggleMicrophone();
  }

  toggleCamera(): void {
    void this.#media?.local.toggleCamera();
  }

  shareScreen(): void {
    void this.#media?.local.toggleScreen();
  }

  dismiss(): void {
    this.#dispatch({ type: 'dismiss' });
  }

  receive(message: ServerMessage): void {
    this.#dispatch({ type: 'message', message });
  }

  unreachable({ code, message }: Unreachable): void {
    this.#unreachable(code, message);
  }

  /** The page is going away. */
  leave(): void {
    // What still rings here goes on ringing: the server rings again when the page comes back.
    const rings = this.#state.current.phase === 'incoming';
    this.#dispatch({ type: rings ? 'session-expired' : 'hang-up' });
  }

  dispose(): void {
    this.leave();
    clearTimeout(this.#replyTimer);
    for (const dispose of this.#disposers) dispose();
  }

  /** A call waits for the connection. */
  #connect(): void {
    const { signaling } = this.#host;
    signaling.hurry();
    if (signaling.state === 'stopped') {
      this.#unreachable(
        'not-registered',
        'The page does not say who is using it: set user-id, or token-url.',
      );
    }
  }

  #unreachable(problem: ProblemCode, detail: string): void {
    this.#dispatch({ type: 'unreachable', problem, detail });
  }

  #listen<Name extends keyof SignalingEvents>(
    name: Name,
    listener: (value: SignalingEvents[Name]) => void,
  ): void {
    const { signaling } = this.#host;
    signaling.on(name, listener);
    this.#disposers.push(() => signaling.off(name, listener));
  }

  /** Events that come while one is being handled wait for it. */
  #dispatch(event: CallEvent): void {
    this.#queue.push(event);
    if (this.#running) return;
    this.#running = true;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      const [state, effects] = transition(this.#state, next, Date.now());
      this.#state = state;
      for (const effect of effects) this.#perform(effect);
    }
    this.#running = false;
    this.#show();
  }

  #perform(effect: CallEffect): void {
    switch (effect.type) {
      case 'send':
        this.#host.signaling.send(effect.message);
        if (effect.message.id === 'call') this.#expectReply();
        return;
      case 'open-devices':
        return void this.#callMedia().openDevices(effect.media, effect.anyway);
      case 'make-offer':
        return void this.#callMedia().makeOffer(effect.generation, effect.delayMs);
      case 'prepare-offer':
        return this.#prepare();
      case 'drop-peer':
        return this.#media?.dropPeer();
      case 'apply-answer':
        return void this.#media?.applyAnswer(effect.generation, effect.sdpAnswer);
      case 'add-candidate':
        return this.#media?.addCandidate(effect.generation, effect.candidate);
      case 'pause-tracks':
        return this.#media?.local.pause(effect.paused);
      case 'close-media':
        return this.#closeMedia();
      case 'share-media-state':
        this.#toldMediaState ??= '';
        this.#tellMediaState();
        return this.#media?.expectMedia();
      default:
        return tell(effect, this.#host);
    }
  }

  /** What the click on "accept" would otherwise wait for. */
  #prepare(): void {
    const media = this.#callMedia();
    for (const kind of ['video', 'audio'] as const) void media.isPermitted(kind);
    if (document.visibilityState === 'visible') void media.makeOffer(0, 0);
  }

  #callMedia(): CallMedia {
    this.#media ??= new CallMedia({
      access: browserDevices(),
      openScreen: () => navigator.mediaDevices.getDisplayMedia({ video: true, audio: false }),
      iceServers: () => this.#iceServers(),
      dispatch: (event) => this.#dispatch(event),
      changed: () => this.#show(),
      flagsChanged: () => this.#tellMediaState(),
      report: (metrics) => {
        const callId = this.#callId;
        if (callId !== undefined) this.#host.signaling.send({ id: 'quality', callId, ...metrics });
      },
    });
    return this.#media;
  }

  #closeMedia(): void {
    this.#media?.close();
    this.#media = undefined;
    this.#toldMediaState = undefined;
  }

  /** They come with the registration. */
  #iceServers(): Promise<readonly IceServer[]> {
    const { signaling } = this.#host;
    if (signaling.registration) return Promise.resolve(signaling.registration.iceServers);
    return new Promise((resolve) => {
      const ready = ({ iceServers }: SignalingEvents['ready']): void => {
        signaling.off('ready', ready);
        resolve(iceServers);
      };
      signaling.on('ready', ready);
      this.#disposers.push(() => signaling.off('ready', ready));
    });
  }

  #expectReply(): void {
    clearTimeout(this.#replyTimer);
    this.#replyTimer = setTimeout(() => {
      this.#unreachable('server-unreachable', 'The call server does not answer.');
    }, CALL_REPLY_TIMEOUT_MS);
  }

  get #callId(): string | undefined {
    const { current } = this.#state;
    return isOngoing(current) ? current.callId : undefined;
  }

  #tellMediaState(): void {
    const callId = this.#callId;
    if (!this.#media || callId === undefined || this.#toldMediaState === undefined) return;
    const { flags, settled } = this.#media.local;
    if (!settled) return;
    const text = JSON.stringify(flags);
    if (text === this.#toldMediaState) return;
    this.#toldMediaState = text;
    this.#host.signaling.send({ id: 'mediaState', callId, ...flags });
  }

  #show(): void {
    if (this.#running) return;
    const media = this.#media;
    this.#view.set(
      viewOf(this.#state, {
        local: media?.local,
        remoteStream: media?.remoteStream,
        quality: media?.quality,
        soundBlocked: media?.soundBlocked ?? false,
      }),
    );
  }
}

import type { IceServer, ServerMessage } from '../../protocol/index.ts';
import type { VideoLimit } from '../media/peer-connection.ts';
import type { Unreachable } from '../signaling/reachability.ts';
import type { SignalingEvents } from '../signaling/signaling-events.ts';
import { guarded } from './guarded.ts';
import type { SessionHost } from './host.ts';
import { Runner, type RunnerOptions } from './runner.ts';
import { SessionMedia } from './session-media.ts';
import type { SessionEffect, SessionEvent } from './state.ts';
import { createStore, type Store, type WritableStore } from './store.ts';
import { tell } from './tell.ts';
import type { SessionActions } from './view.ts';
import type { ProblemCode } from './terms.ts';

/** How long the server may take to name a call or to let somebody into a room, in milliseconds. */
const REPLY_TIMEOUT_MS = 15_000;

/** A state machine whose current state tells how far a call or a room is. */
interface Phased {
  readonly current: { readonly phase: string };
}

/** Where a session's messages belong: to a call or to a room. */
export type SessionAddress = { readonly callId: string } | { readonly room: string };

/**
 * Runs a state machine of calls or of rooms: turns its effects into messages, media, events and what is shown.
 * What is special about either is its own class's.
 */
export abstract class SessionController<State extends Phased, Event, Effect, View> {
  protected readonly host: SessionHost;
  protected readonly runner: Runner<State, Event | SessionEvent, Effect | SessionEffect>;
  readonly #view: WritableStore<View>;
  readonly #disposers: (() => void)[] = [];
  #media: SessionMedia | undefined;
  /** The last `mediaState` sent; undefined while the others are not to be told. */
  #toldMediaState: string | undefined;
  #replyTimer: ReturnType<typeof setTimeout> | undefined;

  protected constructor(
    host: SessionHost,
    view: View,
    machine: Pick<
      RunnerOptions<State, Event | SessionEvent, Effect | SessionEffect>,
      'initial' | 'transition'
    >,
  ) {
    this.host = host;
    this.#view = createStore(view);
    this.runner = new Runner({
      ...machine,
      perform: (effect) => this.perform(effect),
      changed: () => {
        this.#media?.fit();
        this.show();
      },
    });
    this.listen('message', (message) => this.receive(message));
    this.listen('state', (state) => state !== 'ready' && this.dispatch({ type: 'offline' }));
    this.listen('expired', () => this.dispatch({ type: 'session-expired' }));
    this.listen('refused', ({ code, message }) =>
      this.unreachable({ code: code === 'token-expired' ? 'token-expired' : 'not-registered', message }),
    );
  }

  /** Whether a call is under way. */
  abstract get isBusy(): boolean;
  /** The page is going away. */
  abstract leave(): void;
  /** Whom `mediaState` and `quality` tell, if anybody. */
  protected abstract get address(): SessionAddress | undefined;
  protected abstract perform(effect: Effect | SessionEffect): void | Promise<void>;
  /** What is shown now. */
  protected abstract shown(): View;

  /** What is shown. */
  get view(): Store<View> {
    return this.#view;
  }

  /** Whether somebody's call rings here. */
  get rings(): boolean {
    return this.runner.state.current.phase === 'incoming';
  }

  /** Whether it is still shown how the last call went. */
  get isOver(): boolean {
    const { phase } = this.runner.state.current;
    return phase === 'ended' || phase === 'problem';
  }

  receive(message: ServerMessage): void {
    this.dispatch({ type: 'message', message });
  }

  unreachable({ code, message }: Unreachable | { code: ProblemCode; message: string }): void {
    this.dispatch({ type: 'unreachable', problem: code, detail: message });
  }

  dispose(): void {
    this.leave();
    clearTimeout(this.#replyTimer);
    for (const dispose of this.#disposers) dispose();
  }

  /** What the interface asks for, whichever call it is. */
  protected readonly sessionActions: Omit<SessionActions, 'reject'> = {
    toggleMicrophone: () => guarded(() => this.#media?.local.toggleMicrophone()),
    toggleCamera: () => guarded(() => this.#media?.local.toggleCamera()),
    shareScreen: () => guarded(() => this.#media?.local.toggleScreen()),
    retry: () => this.wish({ type: 'retry' }),
    dismiss: () => this.dispatch({ type: 'dismiss' }),
    resumeSound: () => {
      if (!this.#media) return;
      this.#media.soundBlocked = false;
      this.show();
    },
  };

  protected get media(): SessionMedia | undefined {
    return this.#media;
  }

  protected dispatch(event: Event | SessionEvent): void {
    this.runner.dispatch(event);
  }

  /** The user wants a call: it waits for the connection. */
  protected wish(event: Event | SessionEvent): void {
    this.dispatch(event);
    if (!this.isBusy) return;
    const { signaling } = this.host;
    signaling.hurry();
    if (signaling.state !== 'stopped') return;
    this.unreachable({
      code: 'not-registered',
      message: 'The page does not say who is using it: set user-id, or token-url.',
    });
  }

  protected listen<Name extends keyof SignalingEvents>(
    name: Name,
    listener: (value: SignalingEvents[Name]) => void,
  ): void {
    const { signaling } = this.host;
    signaling.on(name, listener);
    this.#disposers.push(() => signaling.off(name, listener));
  }

  /** Carries out what calls and rooms have in common. */
  protected carryOut(effect: SessionEffect): void | Promise<void> {
    switch (effect.type) {
      case 'send':
        if (effect.message.id === 'call' || effect.message.id === 'joinRoom') this.#expectReply();
        return this.host.signaling.send(effect.message);
      case 'open-devices':
        return this.openMedia().openDevices(effect.media, effect.anyway);
      case 'make-offer':
        return this.openMedia().makeOffer(effect);
      case 'drop-connection':
        return this.#media?.drop(effect.name);
      case 'apply-answer':
        return this.#media?.applyAnswer(effect, effect.sdpAnswer);
      case 'add-candidate':
        return this.#media?.addCandidate(effect, effect.candidate);
      case 'pause-tracks':
        return this.#media?.local.pause(effect.paused);
      case 'share-media-state':
        this.#toldMediaState = '';
        return this.#tellMediaState();
      case 'close-media':
        return this.closeMedia();
      default:
        return tell(effect, this.host);
    }
  }

  protected openMedia(): SessionMedia {
    this.#media ??= new SessionMedia({
      iceServers: () => this.#iceServers(),
      dispatch: (event) => this.dispatch(event),
      changed: () => this.show(),
      flagsChanged: () => this.#tellMediaState(),
      report: (metrics) => {
        if (this.address) this.host.signaling.send({ id: 'quality', ...this.address, ...metrics });
      },
      videoLimit: () => this.videoLimit(),
    });
    return this.#media;
  }

  protected closeMedia(): void {
    clearTimeout(this.#replyTimer);
    this.#media?.close();
    this.#media = undefined;
    this.#toldMediaState = undefined;
  }

  /** What one's own picture may cost; as much as it likes, unless there is a limit. */
  protected videoLimit(): VideoLimit | undefined {
    return undefined;
  }

  protected show(): void {
    if (!this.runner.running) this.#view.set(this.shown());
  }

  /** They come with the registration. */
  #iceServers(): Promise<readonly IceServer[]> {
    const { registration } = this.host.signaling;
    if (registration) return Promise.resolve(registration.iceServers);
    return new Promise((resolve) => this.listen('ready', ({ iceServers }) => resolve(iceServers)));
  }

  #expectReply(): void {
    clearTimeout(this.#replyTimer);
    this.#replyTimer = setTimeout(
      () => this.unreachable({ code: 'server-unreachable', message: 'The call server does not answer.' }),
      REPLY_TIMEOUT_MS,
    );
  }

  #tellMediaState(): void {
    const { address } = this;
    if (!this.#media?.settled || !address || this.#toldMediaState === undefined) return;
    const { flags } = this.#media.local;
    const text = JSON.stringify(flags);
    if (text === this.#toldMediaState) return;
    this.#toldMediaState = text;
    this.host.signaling.send({ id: 'mediaState', ...address, ...flags });
  }
}

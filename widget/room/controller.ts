import type { IceServer, Media, ServerMessage } from '../../protocol/index.ts';
import type { CallHost } from '../session/host.ts';
import { createStore } from '../session/store.ts';
import type { ProblemCode, Store } from '../call/view.ts';
import { browserDevices } from '../media/devices.ts';
import type { Unreachable } from '../signaling/reachability.ts';
import type { SignalingEvents } from '../signaling/socket.ts';
import { transition } from './machine.ts';
import { RoomMedia } from '../session/session-media.ts';
import { IDLE, type InRoom, type RoomEffect, type RoomEvent, type RoomState } from './state.ts';
import { tellOfRoom } from './tell.ts';
import { roomViewOf } from './view-of.ts';
import type { Group, RoomActions, RoomView } from './view.ts';

/** How long the server may take to let somebody in, in milliseconds. */
const ENTRY_TIMEOUT_MS = 15_000;
/** How long it is shown who took one's sound off, in milliseconds. */
const MUTER_SHOWN_MS = 5_000;

/** Runs the state machine of group calls: turns its effects into messages, media, events and what is shown. */
export class RoomController {
  readonly #host: CallHost;
  readonly #view = createStore<RoomView>({ phase: 'idle', running: [] });
  readonly #queue: RoomEvent[] = [];
  readonly #disposers: (() => void)[] = [];
  #running = false;
  #state: RoomState = IDLE;
  #media: RoomMedia | undefined;
  /** The last `mediaState` sent; undefined while the others are not to be told. */
  #toldMediaState: string | undefined;
  #entryTimer: ReturnType<typeof setTimeout> | undefined;
  #muterTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: CallHost) {
    this.#host = host;
    this.#listen('message', (message) => this.receive(message));
    // What waited for the connection goes out first: it is about what was before.
    this.#listen('ready', () => queueMicrotask(() => this.#registered()));
    this.#listen('state', (state) => state !== 'ready' && this.#dispatch({ type: 'offline' }));
    this.#listen('expired', () => this.#dispatch({ type: 'session-expired' }));
    this.#listen('refused', ({ code, message }) =>
      this.unreachable({ code: code === 'token-expired' ? 'token-expired' : 'not-registered', message }),
    );
    this.#registered();
  }

  /** What is shown. */
  get view(): Store<RoomView> {
    return this.#view;
  }

  /** Whether the user is in a room, or on the way into one. */
  get isBusy(): boolean {
    return this.#state.current.phase === 'room';
  }

  /** Whether a group's call rings here. */
  get rings(): boolean {
    return this.#state.current.phase === 'incoming';
  }

  /** Whether it is still shown how the last call went. */
  get isOver(): boolean {
    const { phase } = this.#state.current;
    return phase === 'ended' || phase === 'problem';
  }

  /** What the interface asks for. */
  readonly actions: RoomActions = {
    join: (groupId, media) => {
      this.#dispatch({ type: 'join', groupId, media });
      this.#connect();
    },
    reject: () => this.reject('declined'),
    leave: () => this.leaveRoom(),
    toggleMicrophone: () => this.toggleMicrophone(),
    toggleCamera: () => this.toggleCamera(),
    shareScreen: () => this.shareScreen(),
    invite: (names) => names.length > 0 && this.#dispatch({ type: 'invite', names }),
    mute: (target) => this.#dispatch({ type: 'moderate', action: 'mute', target }),
    remove: (target) => this.#dispatch({ type: 'moderate', action: 'remove', target }),
    endForAll: () => this.#dispatch({ type: 'moderate', action: 'end' }),
    // One endpoint carries somebody's sound and picture: without the picture there would be no sound either.
    show: () => undefined,
    retry: () => {
      this.#dispatch({ type: 'retry' });
      this.#connect();
    },
    dismiss: () => this.dismiss(),
    resumeSound: () => {
      if (!this.#media) return;
      this.#media.soundBlocked = false;
      this.#show();
    },
  };

  /** Calls a whole group, or joins its call if one runs. */
  call(group: Group, media: Media): void {
    this.#dispatch({ type: 'dial', group, media });
    this.#connect();
  }

  /** Joins the call that rings. @default media the call's own */
  accept(media?: Media): void {
    const { current } = this.#state;
    if (current.phase === 'incoming') this.actions.join(current.group.id, media ?? current.media);
  }

  /** Refuses the call that rings. */
  reject(code: 'declined' | 'busy'): void {
    this.#dispatch({ type: 'reject', code });
  }

  leaveRoom(): void {
    this.#dispatch({ type: 'leave' });
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

  unreachable({ code, message }: Unreachable | { code: ProblemCode; message: string }): void {
    this.#dispatch({ type: 'unreachable', problem: code, detail: message });
  }

  /** The page is going away. What rings here goes on ringing elsewhere, and here when the page comes back. */
  leave(): void {
    this.#dispatch({ type: 'go-away' });
    this.leaveRoom();
  }

  dispose(): void {
    this.leave();
    clearTimeout(this.#entryTimer);
    clearTimeout(this.#muterTimer);
    for (const dispose of this.#disposers) dispose();
  }

  #registered(): void {
    const { registration, state } = this.#host.signaling;
    if (!registration || state !== 'ready') return;
    const { user, groupCalls } = registration;
    this.#dispatch({ type: 'registered', user, groupCalls });
  }

  /** A call waits for the connection. */
  #connect(): void {
    if (!this.isBusy) return;
    const { signaling } = this.#host;
    signaling.hurry();
    if (signaling.state !== 'stopped') return;
    this.unreachable({
      code: 'not-registered',
      message: 'The page does not say who is using it: set user-id, or token-url.',
    });
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
  #dispatch(event: RoomEvent): void {
    this.#queue.push(event);
    if (this.#running) return;
    this.#running = true;
    const before = this.#state;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      const [state, effects] = transition(this.#state, next, Date.now());
      this.#state = state;
      for (const effect of effects) this.#perform(effect);
    }
    this.#running = false;
    if (this.#state === before) return;
    this.#media?.fit();
    this.#show();
  }

  #perform(effect: RoomEffect): void {
    switch (effect.type) {
      case 'send':
        this.#host.signaling.send(effect.message);
        if (effect.message.id === 'joinRoom') this.#expectEntry();
        return;
      case 'open-devices':
        return void this.#roomMedia().openDevices(effect.media);
      case 'make-offer':
        return void this.#roomMedia().makeOffer(effect);
      case 'drop-link':
        return this.#media?.drop(effect.name);
      case 'apply-answer':
        return void this.#media?.applyAnswer(effect.name, effect.generation, effect.sdpAnswer);
      case 'add-candidate':
        return this.#media?.addCandidate(effect.name, effect.generation, effect.candidate);
      case 'pause-tracks':
        return this.#media?.local.pause(effect.paused);
      case 'mute-microphone':
        return this.#media?.muteMicrophone();
      case 'forget-muter':
        clearTimeout(this.#muterTimer);
        this.#muterTimer = setTimeout(() => this.#dispatch({ type: 'muter-forgotten' }), MUTER_SHOWN_MS);
        return;
      case 'share-media-state':
        this.#toldMediaState = '';
        return this.#tellMediaState();
      case 'close-media':
        return this.#closeMedia();
      default:
        return tellOfRoom(effect, this.#host);
    }
  }

  #roomMedia(): RoomMedia {
    this.#media ??= new RoomMedia({
      access: browserDevices(),
      openScreen: () => navigator.mediaDevices.getDisplayMedia({ video: true, audio: false }),
      iceServers: () => this.#iceServers(),
      dispatch: (event) => this.#dispatch(event),
      changed: () => this.#show(),
      flagsChanged: () => this.#tellMediaState(),
      refused: (code) =>
        this.#host.notify('video-call-error', { code, message: 'Camera and microphone cannot be used.' }),
      people: () => (this.#room?.others.length ?? 0) + 1,
      isHeard: (name) => this.#room?.others.find((other) => other.name === name)?.audio ?? false,
      report: (metrics) => {
        const room = this.#room?.room;
        if (room !== undefined) this.#host.signaling.send({ id: 'quality', room, ...metrics });
      },
    });
    return this.#media;
  }

  #closeMedia(): void {
    clearTimeout(this.#entryTimer);
    clearTimeout(this.#muterTimer);
    this.#media?.close();
    this.#media = undefined;
    this.#toldMediaState = undefined;
  }

  /** They come with the registration, and connections are made only after it. */
  async #iceServers(): Promise<readonly IceServer[]> {
    return this.#host.signaling.registration?.iceServers ?? [];
  }

  #expectEntry(): void {
    clearTimeout(this.#entryTimer);
    this.#entryTimer = setTimeout(
      () => this.unreachable({ code: 'server-unreachable', message: 'The call server does not answer.' }),
      ENTRY_TIMEOUT_MS,
    );
  }

  get #room(): InRoom | undefined {
    const { current } = this.#state;
    return current.phase === 'room' ? current : undefined;
  }

  #tellMediaState(): void {
    const room = this.#room;
    if (!this.#media?.settled || room?.stage !== 'in' || this.#toldMediaState === undefined) return;
    const { flags } = this.#media.local;
    const text = JSON.stringify(flags);
    if (text === this.#toldMediaState) return;
    this.#toldMediaState = text;
    this.#host.signaling.send({ id: 'mediaState', room: room.room, ...flags });
  }

  #show(): void {
    if (this.#running) return;
    const media = this.#media;
    this.#view.set(
      roomViewOf(
        this.#state,
        {
          local: media?.local,
          streams: media?.streams ?? new Map(),
          levels: media?.levels ?? new Map(),
          quality: media?.quality,
          soundBlocked: media?.soundBlocked ?? false,
        },
        this.#view.get(),
      ),
    );
  }
}

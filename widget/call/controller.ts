import type { Media, Person } from '../../protocol/index.ts';
import { SessionController, type SessionAddress } from '../session/controller.ts';
import type { SessionHost } from '../session/host.ts';
import { transition } from './machine.ts';
import { IDLE, isOngoing, type CallEffect, type CallEvent, type CallState } from './state.ts';
import { viewOf } from './view-of.ts';
import type { CallActions, CallView } from './view.ts';

/** A connection on which nothing is sent (neither side has a device) has started after this, in milliseconds. */
const SILENT_START_MS = 3_000;

/** Runs the state machine of one-to-one calls. */
export class CallController extends SessionController<CallState, CallEvent, CallEffect, CallView> {
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: SessionHost) {
    super(host, { phase: 'idle' }, { initial: IDLE, transition });
    this.listen('state', (state) => state === 'ready' && this.dispatch({ type: 'online' }));
  }

  /** What the interface asks for. */
  readonly actions: CallActions = {
    ...this.sessionActions,
    accept: (media) => this.dispatch({ type: 'accept', media }),
    reject: () => this.reject(),
    hangUp: () => this.dispatch({ type: 'hang-up' }),
    callAgain: () => this.wish({ type: 'call-again' }),
    continueWithoutDevices: () => this.wish({ type: 'continue-without-devices' }),
  };

  /** Whether a call is under way, be it that it rings here. */
  override get isBusy(): boolean {
    return isOngoing(this.runner.state.current);
  }

  /** Calls somebody, or accepts that one's call if it rings. */
  call(peer: Person, media: Media): void {
    this.wish({ type: 'dial', peer, media });
  }

  /** Accepts the call that rings. @default media the call's own */
  accept(media?: Media): void {
    const { current } = this.runner.state;
    if (current.phase === 'incoming') this.dispatch({ type: 'accept', media: media ?? current.media });
  }

  reject(): void {
    if (this.rings) this.dispatch({ type: 'reject' });
  }

  /** What still rings here goes on ringing: the server rings again when the page comes back. */
  override leave(): void {
    this.dispatch({ type: this.rings ? 'session-expired' : 'hang-up' });
  }

  protected override get address(): SessionAddress | undefined {
    const { current } = this.runner.state;
    return isOngoing(current) && current.callId !== undefined ? { callId: current.callId } : undefined;
  }

  protected override perform(effect: CallEffect): void | Promise<void> {
    switch (effect.type) {
      case 'prepare-offer':
        return this.#prepare(effect.name);
      case 'expect-media':
        return this.#expectMedia();
      case 'share-media-state':
        this.#expectMedia();
        return this.carryOut(effect);
      default:
        return this.carryOut(effect);
    }
  }

  protected override closeMedia(): void {
    clearTimeout(this.#silenceTimer);
    super.closeMedia();
  }

  protected override shown(): CallView {
    return viewOf(this.runner.state, this.media);
  }

  /** What the click on "accept" would otherwise wait for. */
  #prepare(name: string): void | Promise<void> {
    const media = this.openMedia();
    for (const kind of ['video', 'audio'] as const) void media.isPermitted(kind);
    if (document.visibilityState !== 'visible') return;
    return media.makeOffer({ type: 'make-offer', name, generation: 0, direction: 'sendrecv', delayMs: 0 });
  }

  /** The call is accepted, or connected anew: it starts even if neither side has anything to send. */
  #expectMedia(): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => {
      for (const { name, generation } of this.media?.connected ?? []) {
        this.dispatch({ type: 'media-arrived', name, generation });
      }
    }, SILENT_START_MS);
  }
}

import type { Media } from '../../protocol/index.ts';
import type { VideoLimit } from '../media/peer-connection.ts';
import { SessionController, type SessionAddress } from '../session/controller.ts';
import type { SessionHost } from '../session/host.ts';
import type { SessionMedia } from '../session/session-media.ts';
import type { Group } from '../session/terms.ts';
import { Levels } from './levels.ts';
import { transition } from './machine.ts';
import { IDLE, type InRoom, type RoomEffect, type RoomEvent, type RoomState } from './state.ts';
import { videoLimitFor } from './video-limit.ts';
import { roomViewOf } from './view-of.ts';
import type { RoomActions, RoomView } from './view.ts';

/** How long it is shown who took one's sound off, in milliseconds. */
const MUTER_SHOWN_MS = 5_000;

/** Runs the state machine of group calls. */
export class RoomController extends SessionController<RoomState, RoomEvent, RoomEffect, RoomView> {
  #levels: Levels | undefined;
  #muterTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: SessionHost) {
    super(host, { phase: 'idle', running: [] }, { initial: IDLE, transition });
    // What waited for the connection goes out first: it is about what was before.
    this.listen('ready', () => queueMicrotask(() => this.#registered()));
    this.#registered();
  }

  /** What the interface asks for. */
  readonly actions: RoomActions = {
    ...this.sessionActions,
    join: (groupId, media) => this.wish({ type: 'join', groupId, media }),
    reject: () => this.reject('declined'),
    leave: () => this.dispatch({ type: 'leave' }),
    invite: (names) => names.length > 0 && this.dispatch({ type: 'invite', names }),
    mute: (target) => this.dispatch({ type: 'moderate', action: 'mute', target }),
    remove: (target) => this.dispatch({ type: 'moderate', action: 'remove', target }),
    endForAll: () => this.dispatch({ type: 'moderate', action: 'end' }),
  };

  /** Whether the user is in a room, or on the way into one. */
  override get isBusy(): boolean {
    return this.runner.state.current.phase === 'room';
  }

  /** Calls a whole group, or joins its call if one runs. */
  call(group: Group, media: Media): void {
    this.wish({ type: 'dial', group, media });
  }

  /** Joins the call that rings. @default media the call's own */
  accept(media?: Media): void {
    const { current } = this.runner.state;
    if (current.phase === 'incoming') this.actions.join(current.group.id, media ?? current.media);
  }

  /** Refuses the call that rings. */
  reject(code: 'declined' | 'busy'): void {
    this.dispatch({ type: 'reject', code });
  }

  /** What rings here goes on ringing elsewhere, and here when the page comes back. */
  override leave(): void {
    this.dispatch({ type: 'go-away' });
    this.dispatch({ type: 'leave' });
  }

  protected override get address(): SessionAddress | undefined {
    return this.#room?.stage === 'in' ? { room: this.#room.room } : undefined;
  }

  protected override perform(effect: RoomEffect): void | Promise<void> {
    switch (effect.type) {
      case 'mute-microphone':
        return this.media?.local.microphone === 'on' ? this.media.local.toggleMicrophone() : undefined;
      case 'forget-muter':
        clearTimeout(this.#muterTimer);
        this.#muterTimer = setTimeout(() => this.dispatch({ type: 'muter-forgotten' }), MUTER_SHOWN_MS);
        return;
      default:
        return this.carryOut(effect);
    }
  }

  protected override openMedia(): SessionMedia {
    const media = super.openMedia();
    this.#levels ??= new Levels(
      () =>
        media.connected.filter(({ name, sends }) => (sends ? media.local.flags.audio : this.#isHeard(name))),
      () => this.show(),
    );
    return media;
  }

  protected override closeMedia(): void {
    clearTimeout(this.#muterTimer);
    this.#levels?.close();
    this.#levels = undefined;
    super.closeMedia();
  }

  protected override videoLimit(): VideoLimit {
    const people = (this.#room?.others.length ?? 0) + 1;
    return videoLimitFor(people, this.media?.local.sharing ?? false);
  }

  protected override shown(): RoomView {
    const levels = this.#levels?.now ?? new Map<string, number>();
    return roomViewOf(this.runner.state, { media: this.media, levels }, this.view.get());
  }

  get #room(): InRoom | undefined {
    const { current } = this.runner.state;
    return current.phase === 'room' ? current : undefined;
  }

  /** Whether that one's sound is on. */
  #isHeard(name: string): boolean {
    return this.#room?.others.find((other) => other.name === name)?.audio ?? false;
  }

  #registered(): void {
    const { registration, state } = this.host.signaling;
    if (!registration || state !== 'ready') return;
    const { user, groupCalls } = registration;
    this.dispatch({ type: 'registered', user, groupCalls });
  }
}

import type { Media, ServerMessage } from '../protocol/index.ts';
import type { CallTarget } from './adapters/chat.ts';
import type { RoomController } from './room/controller.ts';
import type { Unreachable } from './signaling/reachability.ts';
import type { Signaling } from './signaling/socket.ts';
import type { CallController } from './call/controller.ts';
import type { Calls } from './session/host.ts';

/** One-to-one and group calls together: a user is in one of them at most. */
export class AllCalls implements Calls {
  readonly #signaling: Pick<Signaling, 'setInCall'>;
  readonly #personal: CallController;
  readonly #rooms: RoomController;
  readonly #summon: () => void;
  readonly #disposers: readonly (() => void)[];

  /**
   * @param options.summon brings the window of a call back, when somebody in it wants to make another
   * @param options.unmount takes the interface away
   */
  constructor(
    signaling: Pick<Signaling, 'setInCall'>,
    personal: CallController,
    rooms: RoomController,
    { summon, unmount }: { readonly summon: () => void; readonly unmount: () => void },
  ) {
    this.#summon = summon;
    this.#signaling = signaling;
    this.#personal = personal;
    this.#rooms = rooms;
    const changed = () => this.#changed();
    this.#disposers = [personal.view.subscribe(changed), rooms.view.subscribe(changed), unmount];
  }

  call({ type, id, name, avatar }: CallTarget, media: Media): void {
    const target = { id: String(id), name: name ?? String(id), avatar: avatar ?? '' };
    const talks = this.#personal.isBusy && !this.#personal.rings;
    if (talks || this.#rooms.isBusy) return this.#summon();
    if (type === 'group') {
      if (!this.#personal.isBusy) this.#rooms.call(target, media);
    } else {
      this.#personal.call({ name: target.id, displayName: target.name, avatar: target.avatar }, media);
    }
  }

  accept(media?: Media): void {
    if (this.#personal.rings) this.#personal.accept(media);
    else this.#rooms.accept(media);
  }

  reject(): void {
    if (this.#personal.rings) this.#personal.reject();
    else this.#rooms.reject('declined');
  }

  hangUp(): void {
    if (this.#personal.isBusy) this.#personal.hangUp();
    else if (this.#rooms.isBusy) this.#rooms.leaveRoom();
    else this.#rooms.reject('declined');
  }

  toggleMicrophone(): void {
    this.#active.toggleMicrophone();
  }

  toggleCamera(): void {
    this.#active.toggleCamera();
  }

  shareScreen(): void {
    this.#active.shareScreen();
  }

  receive(message: ServerMessage): void {
    this.#personal.receive(message);
    this.#rooms.receive(message);
  }

  unreachable(reason: Unreachable): void {
    this.#personal.unreachable(reason);
    this.#rooms.unreachable(reason);
  }

  leave(): void {
    this.#personal.leave();
    this.#rooms.leave();
  }

  dispose(): void {
    this.#personal.dispose();
    this.#rooms.dispose();
    for (const dispose of this.#disposers) dispose();
  }

  get #active(): CallController | RoomController {
    return this.#rooms.isBusy ? this.#rooms : this.#personal;
  }

  /** Whoever takes one call refuses what else rings, and closes what is left of the last one. */
  #changed(): void {
    const { isBusy: talks, rings } = this.#personal;
    if (this.#rooms.isBusy) {
      if (rings) this.#personal.reject();
      if (this.#personal.isOver) this.#personal.dismiss();
    } else if (talks && !rings) {
      if (this.#rooms.rings) this.#rooms.reject('busy');
      if (this.#rooms.isOver) this.#rooms.dismiss();
    }
    this.#signaling.setInCall(talks || this.#rooms.isBusy);
  }
}

import type { Media, ServerMessage } from '../protocol/index.ts';
import type { CallTarget } from './adapters/chat.ts';
import type { CallController } from './call/controller.ts';
import type { RoomController } from './room/controller.ts';
import type { SessionControls } from './session/host.ts';
import type { Unreachable } from './signaling/reachability.ts';
import type { Signaling } from './signaling/socket.ts';

/** A page's calls and rooms together: a user is in one of them at most. */
export class Sessions implements SessionControls {
  readonly #signaling: Pick<Signaling, 'setInCall'>;
  readonly #call: CallController;
  readonly #room: RoomController;
  readonly #restore: () => void;
  readonly #disposers: readonly (() => void)[];

  /**
   * @param options.restore brings the window of a call back, when somebody in it wants to make another
   * @param options.unmount takes the interface away
   */
  constructor(
    signaling: Pick<Signaling, 'setInCall'>,
    call: CallController,
    room: RoomController,
    { restore, unmount }: { readonly restore: () => void; readonly unmount: () => void },
  ) {
    this.#restore = restore;
    this.#signaling = signaling;
    this.#call = call;
    this.#room = room;
    const changed = () => this.#changed();
    this.#disposers = [call.view.subscribe(changed), room.view.subscribe(changed), unmount];
  }

  call({ type, id, name, avatar }: CallTarget, media: Media): void {
    const target = { id: String(id), name: name ?? String(id), avatar: avatar ?? '' };
    const talks = this.#call.isBusy && !this.#call.rings;
    if (talks || this.#room.isBusy) return this.#restore();
    if (type === 'group') {
      if (!this.#call.isBusy) this.#room.call(target, media);
    } else {
      this.#call.call({ name: target.id, displayName: target.name, avatar: target.avatar }, media);
    }
  }

  accept(media?: Media): void {
    (this.#call.rings ? this.#call : this.#room).accept(media);
  }

  reject(): void {
    (this.#call.rings ? this.#call : this.#room).actions.reject();
  }

  hangUp(): void {
    if (this.#call.isBusy) this.#call.actions.hangUp();
    else if (this.#room.isBusy) this.#room.actions.leave();
    else this.#room.actions.reject();
  }

  toggleMicrophone(): void {
    this.#active.actions.toggleMicrophone();
  }

  toggleCamera(): void {
    this.#active.actions.toggleCamera();
  }

  shareScreen(): void {
    this.#active.actions.shareScreen();
  }

  receive(message: ServerMessage): void {
    this.#call.receive(message);
    this.#room.receive(message);
  }

  unreachable(reason: Unreachable): void {
    this.#call.unreachable(reason);
    this.#room.unreachable(reason);
  }

  leave(): void {
    this.#call.leave();
    this.#room.leave();
  }

  dispose(): void {
    this.#call.dispose();
    this.#room.dispose();
    for (const dispose of this.#disposers) dispose();
  }

  get #active(): CallController | RoomController {
    return this.#room.isBusy ? this.#room : this.#call;
  }

  /** Whoever takes one call refuses what else rings, and closes what is left of the last one. */
  #changed(): void {
    const { isBusy, rings } = this.#call;
    const talks = isBusy && !rings;
    if (this.#room.isBusy) {
      if (rings) this.#call.reject();
      if (this.#call.isOver) this.#call.actions.dismiss();
    } else if (talks) {
      if (this.#room.rings) this.#room.reject('busy');
      if (this.#room.isOver) this.#room.actions.dismiss();
    }
    this.#signaling.setInCall(isBusy || this.#room.isBusy);
  }
}

import type { Media } from '../protocol/index.ts';
import type { CallTarget } from './adapters/chat.ts';
import type { CallController } from './call/controller.ts';
import type { RoomController } from './room/controller.ts';
import type { SessionControls } from './session/host.ts';
import { personOf } from './session/terms.ts';
import type { Signaling } from './signaling/socket.ts';

/**
 * A page's calls and rooms together: a user is in one of them at most.
 * @param options.restore brings the window of a call back, when somebody in it wants to make another
 * @param options.unmount takes the interface away
 */
export function joinSessions(
  signaling: Pick<Signaling, 'setInCall'>,
  call: CallController,
  room: RoomController,
  { restore, unmount }: { readonly restore: () => void; readonly unmount: () => void },
): SessionControls {
  const both = [call, room];
  const ringing = () => (call.rings ? call : room);
  const active = () => (room.isBusy ? room : call);

  /** Whoever takes one call refuses what else rings, and closes what is left of the last one. */
  function changed(): void {
    const { isBusy, rings } = call;
    const talks = isBusy && !rings;
    if (room.isBusy) {
      if (rings) call.reject();
      if (call.isOver) call.actions.dismiss();
    } else if (talks) {
      if (room.rings) room.reject('busy');
      if (room.isOver) room.actions.dismiss();
    }
    signaling.setInCall(isBusy || room.isBusy);
  }

  function begin({ type, id, name, avatar }: CallTarget, media: Media): void {
    const target = { id: String(id), name: name ?? String(id), avatar: avatar ?? '' };
    const talks = call.isBusy && !call.rings;
    if (talks || room.isBusy) return restore();
    if (type !== 'group') return call.call(personOf(target), media);
    if (!call.isBusy) room.call(target, media);
  }

  const disposers = [call.view.subscribe(changed), room.view.subscribe(changed), unmount];
  return {
    call: begin,
    accept: (media) => ringing().accept(media),
    reject: () => ringing().actions.reject(),
    hangUp: () => {
      if (call.isBusy) call.actions.hangUp();
      else if (room.isBusy) room.actions.leave();
      else room.actions.reject();
    },
    toggleMicrophone: () => active().actions.toggleMicrophone(),
    toggleCamera: () => active().actions.toggleCamera(),
    shareScreen: () => active().actions.shareScreen(),
    receive: (message) => both.forEach((session) => session.receive(message)),
    unreachable: (reason) => both.forEach((session) => session.unreachable(reason)),
    leave: () => both.forEach((session) => session.leave()),
    dispose: () => {
      for (const session of both) session.dispose();
      for (const dispose of disposers) dispose();
    },
  };
}

import mitt from 'mitt';
import { mountApp } from './app.ts';
import { CallController } from './call/controller.ts';
import { RoomController } from './room/controller.ts';
import type { SessionControls, SessionHost } from './session/host.ts';
import { joinSessions } from './sessions.ts';
import type { RestoreRequest } from './window/restore.ts';

/**
 * The entry of what is loaded at the first ring or call: calls, rooms and their interface.
 * @returns the calls; disposing them unmounts the interface
 */
export function startCalls(host: SessionHost): SessionControls {
  const call = new CallController(host);
  const room = new RoomController(host);
  const restoreRequest: RestoreRequest = mitt();
  const unmount = mountApp({
    root: host.root,
    call: call.view,
    callActions: call.actions,
    room: room.view,
    roomActions: room.actions,
    locale: host.locale,
    restoreRequest,
  });
  const restore = () => restoreRequest.emit('restore');
  return joinSessions(host.signaling, call, room, { restore, unmount });
}

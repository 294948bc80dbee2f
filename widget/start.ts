import mitt from 'mitt';
import { mountApp } from './app.ts';
import { RoomController } from './room/controller.ts';
import { AllCalls } from './sessions.ts';
import { CallController } from './call/controller.ts';
import type { CallHost, Calls } from './session/host.ts';
import type { Summons } from './window/minimized.ts';

/**
 * The entry of what is loaded at the first ring or call: the calls and their interface.
 * @returns the calls; disposing them unmounts the interface
 */
export function startCalls(host: CallHost): Calls {
  const personal = new CallController(host);
  const rooms = new RoomController(host);
  const summons: Summons = mitt();
  const unmount = mountApp({
    root: host.root,
    view: personal.view,
    actions: personal.actions,
    room: rooms.view,
    roomActions: rooms.actions,
    locale: host.locale,
    summons,
  });
  return new AllCalls(host.signaling, personal, rooms, { summon: () => summons.emit('summon'), unmount });
}

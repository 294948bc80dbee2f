import { type ClientMessage, INVITE_MAX_NAMES, ProtocolError } from '../../protocol/index.ts';
import type { Calls } from '../calls/calls.ts';
import type { ConnectionRef } from '../cluster/presence.ts';
import type { RoomService } from './room-service.ts';

/** A message of a registered connection. */
export type RegisteredMessage = Exclude<ClientMessage, { id: 'register' | 'resume' | 'renew' | 'ping' }>;

/** Brings each message to the call or room that it is about. */
export class Dispatcher {
  readonly #calls: Calls;
  readonly #rooms: RoomService;

  constructor(calls: Calls, rooms: RoomService) {
    this.#calls = calls;
    this.#rooms = rooms;
  }

  /** @throws ProtocolError */
  async dispatch(connection: ConnectionRef, message: RegisteredMessage): Promise<void> {
    checkIdentity(connection, message);
    checkSize(connection, message);
    switch (message.id) {
      case 'call':
        return message.reqType === 'group'
          ? this.#rooms.handle(connection, message)
          : this.#calls.start(connection, message);
      case 'joinRoom':
      case 'receiveVideoFrom':
      case 'cancelVideoFrom':
      case 'leaveRoom':
      case 'invite':
      case 'moderate':
        return this.#rooms.handle(connection, message);
      case 'onIceCandidate':
      case 'mediaState':
      case 'quality':
        return message.room !== undefined || connection.dialect === 'groupcall'
          ? this.#rooms.handle(connection, message)
          : this.#calls.handle(connection, message);
      case 'answering':
      case 'incomingCallResponse':
        return message.callId !== undefined && this.#rooms.owns(message.callId)
          ? this.#rooms.handle(connection, message)
          : this.#calls.handle(connection, message);
      case 'prepare':
      case 'stop':
      case 'offer':
        return this.#calls.handle(connection, message);
      default:
        return message satisfies never;
    }
  }
}

/** Who somebody is was settled by `register`; a message that says otherwise is refused. */
function checkIdentity({ user }: ConnectionRef, message: RegisteredMessage): void {
  const claimed = claimedBy(message);
  if (claimed !== undefined && claimed !== user.name) {
    throw new ProtocolError('not-allowed', 'The message names another user than this connection registered.');
  }
}

/** Pages of protocol 1 do not split their invitations; the schema bounds theirs. */
function checkSize({ protocol }: ConnectionRef, message: RegisteredMessage): void {
  if (message.id !== 'invite' || protocol < 2 || message.to.length <= INVITE_MAX_NAMES) return;
  throw new ProtocolError('bad-message', `"invite" takes at most ${INVITE_MAX_NAMES} names; send several.`);
}

/** Who a message says it is from. In other messages `from` and `name` tell whom it is about. */
function claimedBy(message: RegisteredMessage): string | undefined {
  switch (message.id) {
    case 'call':
      return message.from;
    case 'joinRoom':
    case 'leaveRoom':
    case 'mediaState':
      return message.name;
    default:
      return undefined;
  }
}

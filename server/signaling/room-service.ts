import type { ServerMessageOf } from '../../protocol/index.ts';
import type { ConnectionRef } from '../cluster/presence.ts';
import type { RoomMessage } from '../rooms/rooms.ts';

/** What signaling needs of group calls and rooms. */
export interface RoomService {
  /** Whether this call is a group's. */
  owns(callId: string): boolean;
  /**
   * A message about a group's call or a room.
   * @throws ProtocolError
   */
  handle(connection: ConnectionRef, message: RoomMessage): Promise<void>;
  /** The running calls of a user's groups, for `registerResponse`. */
  groupCallsOf(name: string): Promise<ServerMessageOf<'groupCallState'>[]>;
  /** A connection has been registered. */
  connected(connection: ConnectionRef): Promise<void>;
  /** A connection has gone for good. */
  left(connection: ConnectionRef, isClean: boolean): Promise<void>;
}

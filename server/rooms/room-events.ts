import type { ClientMessage } from '../../protocol/index.ts';
import type { RoomEvent } from './room-state.ts';

/** The messages of a connection about the room that it is in, but for invitations. */
export type InRoomMessage = Extract<
  ClientMessage,
  {
    id:
      | 'receiveVideoFrom'
      | 'cancelVideoFrom'
      | 'onIceCandidate'
      | 'leaveRoom'
      | 'moderate'
      | 'mediaState'
      | 'quality';
  }
>;

/**
 * Whether a message says something that is of no account once the room has gone: it may have crossed its end.
 */
export function mayCrossTheEnd({ id }: InRoomMessage): boolean {
  return id === 'onIceCandidate' || id === 'cancelVideoFrom' || id === 'leaveRoom' || id === 'quality';
}

/**
 * What a message means for the room.
 * @param device the connection that it came from
 * @param name of that connection's user
 */
export function eventOf(device: string, name: string, message: InRoomMessage): RoomEvent {
  switch (message.id) {
    case 'receiveVideoFrom': {
      const { sender, sdpOffer, generation } = message;
      return { type: 'receive', device, sender, sdpOffer, generation };
    }
    case 'cancelVideoFrom':
      return { type: 'cancel-receive', device, sender: message.sender };
    case 'onIceCandidate': {
      const { candidate, generation } = message;
      return { type: 'candidate', device, sender: message.name ?? name, generation, candidate };
    }
    case 'leaveRoom':
      return { type: 'leave', device, reason: 'hangup' };
    case 'moderate':
      return { type: 'moderate', device, action: message.action, target: message.target };
    case 'mediaState': {
      const { audio, video, screen } = message;
      return { type: 'media-state', device, flags: { audio, video, screen } };
    }
    case 'quality': {
      const { roundTripMs, lossIn, lossOut, kbpsIn, kbpsOut, framesPerSecondIn } = message;
      const quality = { roundTripMs, lossIn, lossOut, kbpsIn, kbpsOut, framesPerSecondIn };
      return { type: 'quality', device, quality };
    }
    default:
      return message satisfies never;
  }
}

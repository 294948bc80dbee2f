/** Plays events into the room's state machine, for its tests. */
import type { Participant, ServerMessage } from '../../protocol/index.ts';
import { transition } from '../../widget/room/machine.ts';
import {
  IDLE,
  type InRoom,
  type RoomEffect,
  type RoomEvent,
  type RoomState,
} from '../../widget/room/state.ts';
import { MachinePlay } from './machine-play.ts';

export const GROUP = { id: '101', name: '测试群', avatar: '' };
export const SELF = { name: '7', displayName: '测试甲', avatar: '' };
export const YI = { name: '8', displayName: '测试乙', avatar: '' };
export const BING = { name: '9', displayName: '测试丙', avatar: '' };
export const CANDIDATE = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 };

export const seen = (person: { name: string; displayName: string; avatar: string }): Participant => ({
  ...person,
  audio: true,
  video: true,
  screen: false,
});
export const got = (message: ServerMessage): RoomEvent => ({ type: 'message', message });
export const REGISTERED: RoomEvent = { type: 'registered', user: SELF, groupCalls: [] };
export const DIAL: RoomEvent = { type: 'dial', group: GROUP, media: 'video' };
export const RING_MESSAGE: ServerMessage = {
  id: 'incomingCall',
  callId: 'c',
  reqType: 'group',
  groupId: '101',
  groupName: '测试群',
  room: '101',
  from: '8',
  caller: YI,
  members: [],
  memberCount: 3,
  media: 'video',
};
export const RING = got(RING_MESSAGE);
export const JOIN: RoomEvent = { type: 'join', groupId: '101', media: 'video' };
export const PROGRESS = got({
  id: 'callProgress',
  callId: 'c',
  state: 'ringing',
  room: '101',
  invited: [YI],
  offline: [BING],
});
export const existing = (...people: readonly (typeof YI)[]): RoomEvent =>
  got({
    id: 'existingParticipants',
    room: '101',
    data: people.map(({ name }) => name),
    participants: people.map(seen),
  });
export const arrives = (person: typeof YI): RoomEvent =>
  got({ id: 'newParticipantArrived', room: '101', name: person.name, participant: seen(person) });
export const leaves = (person: typeof YI): RoomEvent =>
  got({ id: 'participantLeft', room: '101', name: person.name, reason: 'hangup' });
export const offer = (name: string, generation = 0): RoomEvent => ({
  type: 'offer-made',
  name,
  generation,
  sdpOffer: `offer of ${name}`,
});
export const answer = (name: string, generation = 0): RoomEvent =>
  got({ id: 'receiveVideoAnswer', room: '101', name, sdpAnswer: `answer for ${name}`, generation });
export const stops = (reason: 'ended' | 'removed' | 'replaced' | 'answered-elsewhere'): RoomEvent =>
  got({ id: 'stopCommunication', callId: 'c', room: '101', reason });

/** Plays events into a page's room. */
export class Play extends MachinePlay<RoomState, RoomEvent, RoomEffect> {
  constructor() {
    super(IDLE, transition);
  }

  get room(): InRoom {
    if (this.state.current.phase !== 'room') throw new Error(`no room, but ${this.state.current.phase}`);
    return this.state.current;
  }
}

/** Runs the machine from its beginning through these events. */
export function play(...events: RoomEvent[]): Play {
  const started = new Play();
  started.run(...events);
  return started;
}

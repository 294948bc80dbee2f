/** Plays events into the call's state machine, for its tests. */
import type { ServerMessage } from '../../protocol/index.ts';
import { transition } from '../../widget/call/machine.ts';
import {
  IDLE,
  isOngoing,
  type CallEffect,
  type CallEvent,
  type CallState,
  type Ongoing,
} from '../../widget/call/state.ts';
import { MachinePlay } from './machine-play.ts';

export const PEER = { name: '8', displayName: '测试乙', avatar: '' };
export const OTHER = { name: '9', displayName: '测试丙', avatar: '' };
export const DIAL: Extract<CallEvent, { type: 'dial' }> = {
  type: 'dial',
  peer: PEER,
  media: 'video',
};
export const RING = {
  id: 'incomingCall',
  callId: 'c',
  reqType: 'ptop',
  from: '8',
  caller: PEER,
  media: 'video',
} as const;
export const CANDIDATE = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 };

export const got = (message: ServerMessage): CallEvent => ({ type: 'message', message });
export const offer = (generation = 0): CallEvent => ({
  type: 'offer-made',
  name: PEER.name,
  generation,
  sdpOffer: `offer ${generation}`,
});
export const arrived = (generation = 0): CallEvent => ({
  type: 'media-arrived',
  name: PEER.name,
  generation,
});
export const lost = (generation = 0): CallEvent => ({
  type: 'connection-lost',
  name: PEER.name,
  generation,
});
export const RINGING = got({ id: 'callProgress', callId: 'c', state: 'ringing', sdpAnswer: 'answer' });
export const ACCEPTED = got({ id: 'callResponse', callId: 'c', response: 'accepted', sdpAnswer: 'answer' });
export const START = got({ id: 'startCommunication', callId: 'c', sdpAnswer: 'answer' });

/** Plays events into a page's one-to-one call. */
export class Play extends MachinePlay<CallState, CallEvent, CallEffect> {
  constructor() {
    super(IDLE, transition);
  }

  get call(): Ongoing {
    if (!isOngoing(this.state.current)) throw new Error(`no call, but ${this.state.current.phase}`);
    return this.state.current;
  }
}

export const play = (...events: CallEvent[]): Play => {
  const started = new Play();
  started.run(...events);
  return started;
};

export const talkingCaller = () => play(DIAL, { type: 'media-ready' }, offer(), RINGING, ACCEPTED, arrived());

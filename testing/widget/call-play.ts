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

/** Plays events, one per second from `now` = 1000 on. */
export class Play {
  state: CallState = IDLE;
  now = 0;
  effects: CallEffect[] = [];

  /** @returns what these events caused */
  run(...events: CallEvent[]): CallEffect[] {
    this.effects = [];
    for (const event of events) {
      this.now += 1_000;
      const [state, effects] = transition(this.state, event, this.now);
      this.state = state;
      this.effects.push(...effects);
    }
    return this.effects;
  }

  sent(...events: CallEvent[]): unknown[] {
    return this.run(...events).flatMap((effect) => (effect.type === 'send' ? [effect.message] : []));
  }

  types(...events: CallEvent[]): string[] {
    return this.run(...events).map(({ type }) => type);
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

/**
 * The life of a one-to-one call as a pure function: `(state, event) → [state, effects]`.
 * No timers, no sockets, no media: `active-call.ts` does what the effects say and reports what comes of it.
 */
import type { ServerMessageInput } from '../../protocol/index.ts';
import {
  calleeDevices,
  end,
  endByParty,
  endForShutdown,
  endRefused,
  endWithoutMedia,
  send,
  stop,
} from './call-ending.ts';
import {
  beginNegotiation,
  mediaBack,
  mediaLost,
  needOffer,
  negotiated,
  notNegotiated,
  offered,
  startIfReady,
  tellMediaState,
} from './call-negotiation.ts';
import type { CallEffect, CallEvent, CallFacts, CallState, Device, Side, Step } from './call-state.ts';

/**
 * A call that begins to ring.
 * @param rung the callee's connections
 * @param sdpOffer the caller's
 */
export function startCall(facts: CallFacts, rung: readonly Device[], sdpOffer: string): Step {
  const state: CallState = {
    facts,
    phase: { name: 'ringing', rung },
    legs: {},
    isMediaUp: true,
    attempts: 0,
    generation: 0,
    flags: {},
    quality: {},
  };
  const [next, negotiating] = beginNegotiation(state, facts.callerDevice.id, sdpOffer, 0);
  return [
    next,
    [
      ...rung.map(({ id }) => send(id, incomingCall(facts))),
      send(facts.callerDevice.id, { id: 'callProgress', callId: facts.callId, state: 'ringing' }),
      { type: 'start-timer', timer: 'ring' },
      { type: 'open-media' },
      ...negotiating,
    ],
  ];
}

/**
 * What becomes of a call when something happens. A call that has ended stays as it is.
 * @param at when it happens, in milliseconds since 1970
 */
export function advance(state: CallState, event: CallEvent, at: number): Step {
  if (state.phase.name === 'ended') return [state, []];
  switch (event.type) {
    case 'connected':
      return connected(state, event.device);
    case 'answering':
      return answering(state, event.device);
    case 'prepare':
      return prepare(state, event.device, event.sdpOffer);
    case 'accept':
      return accept(state, event.device, event.sdpOffer, at);
    case 'call-back':
      return calledBack(state, event.device, event.sdpOffer);
    case 'reject':
      return isWaitingFor(state, event.device)
        ? endRefused(state, at, event.device, event.code)
        : [state, []];
    case 'stop':
      return stopped(state, event.device, at);
    case 'left':
      return left(state, event.device, event.isClean, at);
    case 'timeout':
      return timedOut(state, event.timer, at);
    case 'candidate':
      return [state, mayHaveLeg(state, event.device) ? [{ ...event, type: 'add-candidate' }] : []];
    case 'offer':
      return offered(state, event);
    case 'media-state':
      return mediaState(state, event);
    case 'quality':
      return withQuality(state, event);
    case 'negotiated':
      return negotiated(state, event, at);
    case 'not-negotiated':
      return notNegotiated(state, event, at);
    case 'media-unavailable':
      return endWithoutMedia(state, at, 'media-unavailable');
    case 'media-lost':
      return mediaLost(state, at);
    case 'media-back':
      return mediaBack(state, at);
    case 'shutdown':
      return endForShutdown(state, at);
    default:
      return event satisfies never;
  }
}

/** On which side of the call a device is; a merely rung one is on none. */
export function sideOf({ facts, phase }: CallState, device: string): Side | undefined {
  if (device === facts.callerDevice.id) return 'caller';
  return 'by' in phase && phase.by.id === device ? 'callee' : undefined;
}

function incomingCall({ callId, caller, media }: CallFacts): ServerMessageInput {
  return { id: 'incomingCall', callId, reqType: 'ptop', from: caller.name, caller, media };
}

/** Whether this device of the callee may still accept or refuse. */
function isWaitingFor({ phase }: CallState, device: string): boolean {
  if (phase.name === 'ringing') return phase.rung.some(({ id }) => id === device);
  return phase.name === 'answering' && phase.by.id === device;
}

function mayHaveLeg(state: CallState, device: string): boolean {
  return device === state.facts.callerDevice.id || calleeDevices(state).some(({ id }) => id === device);
}

function connected(state: CallState, device: Device): Step {
  const { phase } = state;
  if (phase.name !== 'ringing' || phase.rung.some(({ id }) => id === device.id)) return [state, []];
  const next: CallState = { ...state, phase: { name: 'ringing', rung: [...phase.rung, device] } };
  return [next, [send(device.id, incomingCall(state.facts))]];
}

/** The first device that answers wins; the others stop ringing. */
function answering(state: CallState, device: string): Step {
  const { phase, facts } = state;
  if (phase.name !== 'ringing') return [state, []];
  const by = phase.rung.find(({ id }) => id === device);
  if (!by) return [state, []];
  const others = phase.rung.filter(({ id }) => id !== device);
  const progress = { id: 'callProgress', callId: facts.callId, state: 'accepted' } as const;
  return [
    { ...state, phase: { name: 'answering', by }, legs: keepLegs(state, [facts.callerDevice.id, device]) },
    [
      { type: 'start-timer', timer: 'answer' },
      ...others.map(({ id }) => stop(state, id, 'answered-elsewhere')),
      ...others.flatMap(({ id }) => dropLeg(state, id)),
      send(facts.callerDevice.id, progress),
    ],
  ];
}

function keepLegs({ legs }: CallState, devices: readonly string[]): CallState['legs'] {
  return Object.fromEntries(Object.entries(legs).filter(([id]) => devices.includes(id)));
}

function dropLeg({ legs }: CallState, device: string): CallEffect[] {
  return legs[device] ? [{ type: 'drop-leg', device }] : [];
}

function prepare(state: CallState, device: string, sdpOffer: string): Step {
  if (!isWaitingFor(state, device) || state.legs[device] || !state.isMediaUp) return [state, []];
  return beginNegotiation(state, device, sdpOffer, 0, { isPreparation: true });
}

function accept(state: CallState, device: string, sdpOffer: string | undefined, at: number): Step {
  const [answered, effects] = answering(state, device);
  const { phase } = answered;
  if (phase.name !== 'answering' || phase.by.id !== device) {
    return [state, sideOf(state, device) ? [] : [stop(state, device, 'answered-elsewhere')]];
  }
  const accepted: CallState = { ...answered, phase: { name: 'accepted', by: phase.by, calledBack: false } };
  if (sdpOffer !== undefined) {
    const [next, negotiating] = beginNegotiation(accepted, device, sdpOffer, 0);
    return [next, [...effects, ...negotiating]];
  }
  if (!accepted.legs[device]) return [answered, [...effects, needOffer(device)]];
  const [next, starting] = startIfReady(accepted, at);
  return [next, [...effects, ...starting]];
}

/** Both call each other: the second call is the accept of the first. */
function calledBack(state: CallState, device: Device, sdpOffer: string): Step {
  const [rung] = connected(state, device);
  const [answered, effects] = answering(rung, device.id);
  const { phase, facts } = answered;
  if (phase.name !== 'answering' || phase.by.id !== device.id) return [state, []];
  const accepted: CallState = { ...answered, phase: { name: 'accepted', by: phase.by, calledBack: true } };
  const [next, negotiating] = beginNegotiation(accepted, device.id, sdpOffer, 0);
  const progress = send(device.id, { id: 'callProgress', callId: facts.callId, state: 'accepted' });
  return [next, [...effects, progress, ...negotiating]];
}

function stopped(state: CallState, device: string, at: number): Step {
  const side = sideOf(state, device);
  if (side && !(side === 'callee' && state.phase.name === 'answering')) {
    return endByParty(state, at, side, 'hangup');
  }
  return isWaitingFor(state, device) ? endRefused(state, at, device, 'declined') : [state, []];
}

/** Ringing goes on without devices: the callee may be reloading its page. */
function left(state: CallState, device: string, isClean: boolean, at: number): Step {
  const { phase } = state;
  const side = sideOf(state, device);
  if (side === 'callee' && phase.name === 'answering') return endByParty(state, at, side, 'peer-lost');
  if (side) return endByParty(state, at, side, isClean ? 'hangup' : 'peer-lost');
  if (phase.name !== 'ringing') return [state, []];
  const rung = phase.rung.filter(({ id }) => id !== device);
  const legs = keepLegs(state, [state.facts.callerDevice.id, ...rung.map(({ id }) => id)]);
  return [{ ...state, phase: { name: 'ringing', rung }, legs }, dropLeg(state, device)];
}

function timedOut(state: CallState, timer: 'ring' | 'answer', at: number): Step {
  const { name } = state.phase;
  if (timer === 'ring' && name === 'ringing') {
    return end(state, at, {
      ending: { outcome: 'no-answer' },
      caller: { refusal: 'no-answer' },
      callee: 'no-answer',
      isMissed: true,
    });
  }
  if (timer === 'answer' && name === 'answering') return endWithoutMedia(state, at, 'no-device');
  if (timer === 'answer' && name === 'accepted') return endWithoutMedia(state, at, 'media-failed');
  return [state, []];
}

/** What comes before the call runs is kept for when it does. */
function mediaState(state: CallState, { device, flags }: CallEvent & { type: 'media-state' }): Step {
  const side = sideOf(state, device);
  if (!side) return [state, []];
  const next = { ...state, flags: { ...state.flags, [side]: flags } };
  return [next, state.phase.name === 'running' ? tellMediaState(next, side) : []];
}

function withQuality(state: CallState, { device, quality }: CallEvent & { type: 'quality' }): Step {
  const side = sideOf(state, device);
  return [side ? { ...state, quality: { ...state.quality, [side]: quality } } : state, []];
}

import type { Media, Person } from '../../protocol/index.ts';
import type { CallHost } from '../session/host.ts';
import { recordText, type Outcome } from '../session/record.ts';
import type { Ended, RoomEffect } from './state.ts';
import type { Group } from './view.ts';

type Told = Extract<RoomEffect, { type: 'rang' | 'started' | 'ended' | 'refused' | 'missed' | 'failed' }>;

/** Tells the page, and the group's chat, what became of a call. */
export function tellOfRoom(effect: Told, host: CallHost): void {
  switch (effect.type) {
    case 'rang': {
      const { callId, group, media, caller } = effect.call;
      return host.notify('video-call-incoming', { callId, peer: personOf(group), group, caller, media });
    }
    case 'started': {
      const { callId = '', group, media } = effect.call;
      return host.notify('video-call-started', { callId, peer: personOf(group), group, media });
    }
    case 'refused': {
      const { callId, group } = effect.call;
      const { code: reason } = effect;
      return host.notify('video-call-ended', { callId, reason, duration: 0, peer: personOf(group), group });
    }
    case 'ended':
      return tellEnd(effect.call, host);
    case 'missed': {
      const { callId, caller, groupId = '', groupName, media, at } = effect.call;
      const group = { id: groupId, name: groupName ?? groupId, avatar: '' };
      host.notify('video-call-missed', { callId, peer: personOf(group), group, caller, media, at });
      return write(host, group, media, { type: 'missed' });
    }
    case 'failed':
      return host.notify('video-call-error', { code: effect.problem, message: effect.detail });
    default: {
      const never: never = effect;
      return never;
    }
  }
}

function tellEnd(call: Ended, host: CallHost): void {
  const { callId, reason, duration, group, media } = call;
  const peer = personOf(group);
  host.notify('video-call-ended', {
    ...(callId !== undefined && { callId }),
    reason,
    duration,
    peer,
    group,
  });
  const outcome = outcomeOf(call);
  if (outcome) write(host, group, media, outcome);
}

/** What the group's chat remembers; who joined in vain, or refused, leaves no line. */
export function outcomeOf({ direction, met, duration, reason, answered }: Ended): Outcome | undefined {
  if (met && duration > 0) return { type: 'talked', durationMs: duration };
  if (direction === 'in') return undefined;
  if (reason === 'media-failed' || reason === 'peer-lost') return { type: 'failed' };
  return { type: answered ? 'unanswered' : 'cancelled' };
}

/** A group in the place of a person. */
function personOf({ id, name, avatar }: Group): Person {
  return { name: id, displayName: name, avatar };
}

function write(host: CallHost, { id, name, avatar }: Group, media: Media, outcome: Outcome): void {
  host.record({ type: 'group', id, name, avatar, text: recordText(media, outcome, host.locale) });
}

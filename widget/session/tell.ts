import type { Media, Person } from '../../protocol/index.ts';
import type { Notify } from '../events.ts';
import { guarded } from './guarded.ts';
import type { SessionHost } from './host.ts';
import { outcomeOf, recordText, roomOutcomeOf } from './record.ts';
import type { MissedCall, Other, TellEffect } from './state.ts';
import { type Group, type Outcome, personOf } from './terms.ts';

type Chat = Pick<SessionHost, 'notify' | 'record' | 'locale'>;

/** Tells the page, and the chat with that person or group, what became of a call. */
export function tell(effect: TellEffect, chat: Chat): void {
  const notify: Notify = (name, detail) => guarded(() => chat.notify(name, detail));
  switch (effect.type) {
    case 'rang':
    case 'started': {
      const { callId = '', media, caller } = effect.call;
      const about = { callId, ...partiesOf(effect.call), media };
      if (effect.type === 'started') return notify('video-call-started', about);
      return notify('video-call-incoming', { ...about, ...(caller && { caller }) });
    }
    case 'ended': {
      const { call } = effect;
      const { callId, reason, duration, media } = call;
      const named = callId === undefined ? {} : { callId };
      notify('video-call-ended', { ...named, reason, duration, ...partiesOf(call) });
      return write(chat, call, media, 'group' in call ? roomOutcomeOf(call) : outcomeOf(call));
    }
    case 'missed': {
      const { callId, caller, media, at } = effect.call;
      const other = otherOf(effect.call);
      const who = 'group' in other ? { caller } : {};
      notify('video-call-missed', { callId, ...partiesOf(other), ...who, media, at });
      return write(chat, other, media, { type: 'missed' });
    }
    case 'failed':
      return notify('video-call-error', { code: effect.problem, message: effect.detail });
    default:
      return effect satisfies never;
  }
}

/** A page asks for `peer` only: of a group's call that is the group. */
function partiesOf(other: Other): { readonly peer: Person; readonly group?: Group } {
  return 'group' in other ? { peer: personOf(other.group), group: other.group } : { peer: other.peer };
}

function otherOf({ caller, groupId, groupName }: MissedCall): Other {
  if (groupId === undefined) return { peer: caller };
  return { group: { id: groupId, name: groupName ?? groupId, avatar: '' } };
}

function write(chat: Chat, other: Other, media: Media, outcome: Outcome | undefined): void {
  if (!outcome) return;
  const { name: id, displayName: name, avatar } = partiesOf(other).peer;
  const type = 'group' in other ? 'group' : 'friend';
  guarded(() => chat.record({ type, id, name, avatar, text: recordText(media, outcome, chat.locale) }));
}

import type { Media, Person } from '../../protocol/index.ts';
import type { CallHost } from './host.ts';
import { outcomeOf, recordText, type Outcome } from './record.ts';
import type { CallEffect, Ended } from '../call/state.ts';

type Told = Extract<CallEffect, { type: 'rang' | 'started' | 'ended' | 'missed' | 'failed' }>;

/** Tells the page, and the chat with that person, what became of a call. */
export function tell(effect: Told, host: CallHost): void {
  switch (effect.type) {
    case 'rang':
    case 'started': {
      const { callId = '', peer, media } = effect.call;
      host.notify(effect.type === 'rang' ? 'video-call-incoming' : 'video-call-started', {
        callId,
        peer,
        media,
      });
      return;
    }
    case 'ended':
      return tellEnd(effect.call, host);
    case 'missed': {
      const { callId, caller, media, at } = effect.call;
      host.notify('video-call-missed', { callId, peer: caller, media, at });
      return write(host, caller, media, { type: 'missed' });
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
  const { callId, reason, duration, peer, media } = call;
  host.notify('video-call-ended', { ...(callId !== undefined && { callId }), reason, duration, peer });
  const outcome = outcomeOf(call);
  if (outcome) write(host, peer, media, outcome);
}

function write(host: CallHost, peer: Person, media: Media, outcome: Outcome): void {
  const { name, displayName, avatar } = peer;
  host.record({
    type: 'friend',
    id: name,
    name: displayName,
    avatar,
    text: recordText(media, outcome, host.locale),
  });
}

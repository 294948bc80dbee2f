/** What calls and rooms say in the same words: refusals, errors, missed calls. */
import {
  type ErrorCode,
  ProtocolError,
  type RefusalCode,
  type ServerMessageInput,
} from '../../protocol/index.ts';
import type { NegotiationFailure, SessionFacts } from './session-state.ts';

const REFUSALS: Readonly<Record<RefusalCode, string>> = {
  declined: 'The call was declined.',
  busy: 'The person called is busy.',
  'no-answer': 'Nobody answered.',
  offline: 'The person called is not connected.',
  'not-allowed': 'This call is not allowed.',
  'no-device': 'The person called has no microphone or camera that can be used.',
  'media-failed': 'The media connection of the call failed.',
  'media-unavailable': 'No media server is available; see /readyz of the server.',
};

/**
 * Tells a caller that its call does not come about.
 * @param from in a group's call, who it is that does not come
 */
export function refusal(callId: string, code: RefusalCode, from?: string): ServerMessageInput {
  const about = from === undefined ? {} : ({ reqType: 'group', from } as const);
  return { id: 'callResponse', callId, ...about, response: 'rejected', code, message: REFUSALS[code] };
}

/** Tells a user of a call that was not answered; `createdAt` is when it was called. */
export function missedCall(
  facts: SessionFacts<string> & { readonly group?: { readonly id: string; readonly name: string } },
): ServerMessageInput {
  const { callId, caller, media, createdAt: at, group } = facts;
  const missed = { id: 'missedCall', callId, from: caller.name, caller, media, at } as const;
  return group ? { ...missed, groupId: group.id, groupName: group.name } : missed;
}

/** Tells a page that its request is refused. */
export function errorMessage(code: ErrorCode, message: string, inReplyTo: string): ServerMessageInput {
  return { id: 'error', code, message, inReplyTo };
}

/** Tells a page that its offer was not answered. */
export function negotiationError(code: NegotiationFailure, inReplyTo: string): ServerMessageInput {
  return code === 'bad-sdp'
    ? errorMessage(code, 'The media server does not understand the "sdpOffer".', inReplyTo)
    : errorMessage('media-unavailable', 'The media server could not make a media connection.', inReplyTo);
}

/** The user is busy. */
export function alreadyInCall(): ProtocolError {
  return new ProtocolError('already-in-call', 'You are in a call or room already, or being called.');
}

/** A message about a room that its sender is not in. */
export function unknownRoom(): ProtocolError {
  return new ProtocolError('unknown-room', 'There is no such room, or you are not in it.');
}

/** A user who is not in the group. */
export function notAMember(message = 'You are not a member of this group.'): ProtocolError {
  return new ProtocolError('not-a-member', message);
}

import type { ServerMessageId, ServerMessageInput } from '../../protocol/index.ts';
import type { ConnectionRef, Dialect } from '../cluster/presence.ts';
import { downgrade } from './downgrade.ts';

/** The paths of the sockets, and whose pages connect there. */
export const DIALECTS: Readonly<Record<string, Dialect>> = {
  '/signal': 'widget',
  '/one2one': 'one2one',
  '/groupcall': 'groupcall',
};

/** What the pages of Kurento's tutorials understand; anything else they report as an error. */
const KNOWN: Readonly<Record<Exclude<Dialect, 'widget'>, ReadonlySet<ServerMessageId>>> = {
  one2one: new Set([
    'registerResponse',
    'callResponse',
    'incomingCall',
    'startCommunication',
    'stopCommunication',
    'iceCandidate',
  ]),
  groupcall: new Set([
    'existingParticipants',
    'newParticipantArrived',
    'participantLeft',
    'receiveVideoAnswer',
    'iceCandidate',
  ]),
};

/**
 * The message as a connection's page understands it.
 * @returns undefined if there is nothing that it would understand
 */
export function translate(
  { dialect, protocol }: Pick<ConnectionRef, 'dialect' | 'protocol'>,
  message: ServerMessageInput,
): ServerMessageInput | undefined {
  if (dialect === 'widget') return downgrade(protocol, message);
  if (dialect === 'one2one' && message.id === 'error') return refusalOf(message);
  if (message.id === 'incomingCall' && message.reqType === 'group') return undefined;
  return KNOWN[dialect].has(message.id) ? message : undefined;
}

/** The one2one page waits for an answer to its `register` and its `call`; a bad offer gets one anyway. */
function refusalOf({ code, message, inReplyTo }: ServerMessageInput & { id: 'error' }) {
  if (inReplyTo === 'register') {
    return { id: 'registerResponse', response: 'rejected', code: 'bad-message', message } as const;
  }
  if (inReplyTo !== 'call' || code === 'bad-sdp') return undefined;
  return { id: 'callResponse', callId: '', response: 'rejected', code: 'not-allowed', message } as const;
}

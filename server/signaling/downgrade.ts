import type {
  ErrorCode,
  Received,
  RegisterRejectionCode,
  ServerMessageId,
  ServerMessageInput,
} from '../../protocol/index.ts';

type MessageOf<Id extends ServerMessageId> = Extract<ServerMessageInput, { id: Id }>;
type Downgrade<Message> = (message: Message) => ServerMessageInput | undefined;

/** What a page gets instead of a message; undefined: nothing. */
type Downgrades = { readonly [Id in ServerMessageId]?: Downgrade<MessageOf<Id>> };

const ERRORS_OF_PROTOCOL_1: Partial<Record<Received<ErrorCode>, ErrorCode>> = {
  'token-expired': 'not-allowed',
};

const REJECTIONS_OF_PROTOCOL_1: Partial<Record<Received<RegisterRejectionCode>, RegisterRejectionCode>> = {
  // These pages try again after this one, and after `token-invalid` they do not.
  'token-not-yet-valid': 'overloaded',
};

/**
 * What pages of protocol 1 get instead of what was added since. Added fields need no entry: pages pass over
 * what they do not know.
 */
const FOR_PROTOCOL_1: Downgrades = {
  // The room tells these pages by `invitedState`, from time to time.
  invitedChanged: () => undefined,
  tokenExpiring: () => undefined,
  renewResponse: () => undefined,
  error: (message) => ({ ...message, code: ERRORS_OF_PROTOCOL_1[message.code] ?? message.code }),
  registerResponse: (message) =>
    message.response === 'accepted'
      ? message
      : { ...message, code: REJECTIONS_OF_PROTOCOL_1[message.code] ?? message.code },
};

/**
 * The message as a page understands it that speaks this version of the protocol.
 * @returns undefined if that version has nothing like it
 */
export function downgrade(protocol: number, message: ServerMessageInput): ServerMessageInput | undefined {
  if (protocol >= 2) return message;
  const change = FOR_PROTOCOL_1[message.id] as Downgrade<ServerMessageInput> | undefined;
  return change ? change(message) : message;
}

import type { Media, ServerMessage } from '../../protocol/index.ts';
import type { CallTarget, ChatRecord } from '../adapters/chat.ts';
import type { Notify } from '../events.ts';
import type { Unreachable } from '../signaling/reachability.ts';
import type { Signaling } from '../signaling/socket.ts';
import type { SessionActions } from './view.ts';

/** What the calls need from the element that loads them. */
export interface SessionHost {
  /** Where the interface is mounted. */
  readonly root: ShadowRoot;
  readonly locale: string;
  readonly signaling: Signaling;
  readonly notify: Notify;
  record(record: ChatRecord): void;
}

/** What the element asks of the calls once they are loaded. */
export interface SessionControls extends Pick<
  SessionActions,
  'reject' | 'toggleMicrophone' | 'toggleCamera' | 'shareScreen'
> {
  call(target: CallTarget, media: Media): void;
  /** @default media the call's own */
  accept(media?: Media): void;
  hangUp(): void;
  /** A message that came while the calls were being loaded, in order. */
  receive(message: ServerMessage): void;
  /** The server cannot be reached, for a reason worth showing. */
  unreachable(reason: Unreachable): void;
  /** The page is going away: tells the server and lets go of camera and microphone. */
  leave(): void;
  dispose(): void;
}

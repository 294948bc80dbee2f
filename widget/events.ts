import type { Media, Person } from '../protocol/index.ts';
import type { ChatRecord } from './adapters/chat.ts';
import type { EndReason, Group } from './session/terms.ts';

/** Whom a call is with. */
interface Other {
  /** A person, or a group in its place: its id, name and picture. */
  readonly peer: Person;
  /** Set for a group's call. */
  readonly group?: Group;
}

/** What rings or is missed: for a group's call, also who called. */
interface Ring extends Other {
  readonly callId: string;
  readonly media: Media;
  readonly caller?: Person;
}

/** What each event of `<video-call>` carries as `detail`. All are composed and bubble. */
export interface VideoCallEventDetails {
  /** Registered with the server; again after each new registration. */
  'video-call-ready': { readonly user: Person };
  'video-call-incoming': Ring;
  /** Both sides are connected and the first picture or sound arrived; or one is in the group's room. */
  'video-call-started': Other & { readonly callId: string; readonly media: Media };
  'video-call-ended': Other & {
    /** Missing if the server never took the call. */
    readonly callId?: string;
    readonly reason: EndReason;
    /** Milliseconds talked; 0 if it was never answered. */
    readonly duration: number;
  };
  /** Somebody called in vain. */
  'video-call-missed': Ring & {
    /** Milliseconds since 1970. */
    readonly at: number;
  };
  /** A line for the chat with somebody, or of a group, for chats that are not LayIM. */
  'video-call-record': ChatRecord;
  'video-call-error': { readonly code: string; readonly message: string };
}

export type VideoCallEventName = keyof VideoCallEventDetails;

export type VideoCallEventMap = {
  [Name in VideoCallEventName]: CustomEvent<VideoCallEventDetails[Name]>;
};

declare global {
  /* eslint-disable @typescript-eslint/no-empty-object-type -- the way to add a mapped type to an interface */
  interface HTMLElementEventMap extends VideoCallEventMap {}
  interface DocumentEventMap extends VideoCallEventMap {}
}

/** Tells the page. */
export type Notify = <Name extends VideoCallEventName>(
  name: Name,
  detail: VideoCallEventDetails[Name],
) => void;

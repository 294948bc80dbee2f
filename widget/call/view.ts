import type { Media, MediaFlags, Person, Received, RefusalCode, StopReason } from '../../protocol/index.ts';

/** Why there is a problem screen instead of a call; each has its text and its one useful button. */
export type ProblemCode =
  | 'permission-denied'
  | 'insecure-page'
  | 'server-unreachable'
  | 'certificate'
  | 'not-registered'
  | 'token-expired'
  | 'media-unavailable'
  | 'media-failed'
  | 'unsupported-browser'
  | 'group-unavailable'
  | 'failed';

/** How one's own microphone or camera is: `missing` (no device), `denied`, `busy`, else on or off. */
export type DeviceState = 'opening' | 'on' | 'off' | 'missing' | 'denied' | 'busy';

/** The one line of state, always true; the words are in `i18n/`. */
export type CallStatus = 'connecting' | 'ringing' | 'accepted' | 'talking' | 'reconnecting';

/** Why a call is over: the server's refusal or stop reason. */
export type EndReason = Received<RefusalCode> | StopReason;

/** From 0 (bad) to 3 (good); undefined while unknown. */
export type QualityLevel = 0 | 1 | 2 | 3;

/** Who is called by whom, for what. */
export interface Parties {
  readonly callId?: string;
  readonly direction: 'in' | 'out';
  readonly peer: Person;
  readonly media: Media;
}

/** What the interface shows of a one-to-one call. */
export type CallView =
  | { readonly phase: 'idle' }
  | ({ readonly phase: 'incoming' } & Parties)
  | ({
      /** `outgoing`: waiting for an answer; `active`: answered, until it ends. */
      readonly phase: 'outgoing' | 'active';
      readonly status: CallStatus;
      /** Milliseconds since 1970, set with the first remote picture or sound. */
      readonly startedAt?: number;
      readonly localStream?: MediaStream;
      readonly remoteStream?: MediaStream;
      readonly microphone: DeviceState;
      readonly camera: DeviceState;
      readonly sharing: boolean;
      readonly remote: MediaFlags;
      readonly quality?: QualityLevel;
      /** The browser refused to play sound before a click. */
      readonly soundBlocked: boolean;
    } & Parties)
  | ({
      readonly phase: 'ended';
      readonly reason: EndReason;
      /** Milliseconds talked; 0 if it was never answered. */
      readonly duration: number;
      readonly canCallAgain: boolean;
    } & Parties)
  | ({
      readonly phase: 'problem';
      readonly problem: ProblemCode;
      readonly detail?: string;
    } & Partial<Parties>);

/** What the interface asks for; requests go up, `CallView` comes down. */
export interface CallActions {
  accept(media: Media): void;
  reject(): void;
  hangUp(): void;
  toggleMicrophone(): void;
  toggleCamera(): void;
  shareScreen(): void;
  /** Calls the same peer again after `ended`. */
  callAgain(): void;
  /** The one useful button of a problem: tries again what failed, or calls back. */
  retry(): void;
  /** Calls without a camera after `permission-denied`. */
  continueWithoutDevices(): void;
  /** Closes `ended` or `problem`. */
  dismiss(): void;
  /** Called from a click when `soundBlocked`. */
  resumeSound(): void;
}

/** A value that can be watched. */
export interface Store<T> {
  get(): T;
  /** @returns stops watching */
  subscribe(listener: (value: T) => void): () => void;
}

import type { Media } from '../../protocol/index.ts';
import type { AbsentState, CallStatus, EndReason, Outcome, ProblemCode } from '../session/terms.ts';

type DeviceTrouble = 'missing' | 'denied' | 'busy';

/** What happened, what to do about it, and the one useful button. */
interface ProblemText {
  readonly title: string;
  readonly hint: string;
  readonly action: string;
}

/** The texts of group calls; names are those shown. */
interface RoomMessages {
  readonly incoming: (caller: string, media: Media) => string;
  /** How many are in the call that rings. */
  readonly joined: (count: number) => string;
  /** Follows the group's name. */
  readonly running: Readonly<Record<Media, string>>;
  readonly window: (group: string, media: Media) => string;
  readonly people: (count: number) => string;
  readonly self: string;
  readonly status: Readonly<Record<'connecting' | 'joined' | 'alone' | 'reconnecting', string>>;
  readonly invited: Readonly<Record<AbsentState, string>>;
  /** Where a reason reads otherwise than between two. */
  readonly ended: Readonly<Partial<Record<EndReason, string>>>;
  readonly mutedBy: (moderator: string) => string;
  readonly sharing: (name: string) => string;
  readonly enlarge: (name: string) => string;
  readonly reduce: (name: string) => string;
  readonly ringAgain: (name: string) => string;
  readonly mute: (name: string) => string;
  readonly remove: (name: string) => string;
  readonly page: (page: number, pages: number) => string;
  readonly words: Readonly<
    Record<
      | 'join'
      | 'joinAudio'
      | 'rejoin'
      | 'left'
      | 'participants'
      | 'notIn'
      | 'connecting'
      | 'muted'
      | 'ringAgain'
      | 'ringAll'
      | 'removeSure'
      | 'endForAll'
      | 'endSure'
      | 'previous'
      | 'next',
      string
    >
  >;
}

/** Every text of the interface; a language that misses one does not compile. */
export interface Messages {
  /** BCP 47 tag for the `lang` attribute, which chooses between Han glyphs. */
  readonly lang: string;
  readonly incoming: Readonly<Record<Media, string>> & {
    readonly label: (name: string, media: Media) => string;
    readonly title: (name: string) => string;
  };
  readonly window: (name: string, media: Media) => string;
  readonly status: Readonly<Record<CallStatus | 'acceptedHere', string>>;
  readonly ended: Readonly<Record<EndReason, string>>;
  /** Where the same reason reads otherwise for the one who was called. */
  readonly endedIncoming: Readonly<Partial<Record<EndReason, string>>>;
  readonly duration: (clock: string) => string;
  readonly remote: Readonly<Record<'muted' | 'cameraOff' | 'sharing', string>>;
  readonly sharing: string;
  readonly quality: readonly [string, string, string, string];
  readonly controls: Readonly<
    Record<
      | 'accept'
      | 'acceptAudio'
      | 'reject'
      | 'microphone'
      | 'camera'
      | 'screen'
      | 'hangUp'
      | 'leave'
      | 'cancel'
      | 'mute'
      | 'unmute'
      | 'cameraOff'
      | 'cameraOn'
      | 'share'
      | 'stopSharing'
      | 'minimize'
      | 'restore'
      | 'fullscreen'
      | 'exitFullscreen'
      | 'pictureInPicture'
      | 'swap'
      | 'close'
      | 'callAgain'
      | 'callBack'
      | 'resumeSound',
      string
    >
  >;
  readonly device: Readonly<Record<'microphone' | 'camera', Readonly<Record<DeviceTrouble, string>>>>;
  readonly problems: Readonly<Record<ProblemCode, ProblemText>>;
  /** `permission-denied` in a voice call. */
  readonly microphoneDenied: Omit<ProblemText, 'action'>;
  /** What to do about `permission-denied` after a call that could not be taken. */
  readonly allowAndCallBack: Readonly<Record<Media, string>>;
  readonly continueWithoutDevices: string;
  readonly openServer: string;
  /** The line in the chat; what became of the call follows its kind. */
  readonly record: {
    readonly separator: string;
    readonly media: Readonly<Record<Media, string>>;
    readonly outcome: Readonly<Record<Exclude<Outcome['type'], 'talked'>, string>>;
  };
  readonly room: RoomMessages;
}

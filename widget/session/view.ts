import type { Media } from '../../protocol/index.ts';
import type { DeviceState, ProblemCode, QualityLevel } from './terms.ts';

/** What is shown of one's own part in a call. */
export interface OwnView {
  readonly microphone: DeviceState;
  readonly camera: DeviceState;
  readonly sharing: boolean;
  readonly quality?: QualityLevel;
  /** The browser refused to play sound before a click. */
  readonly soundBlocked: boolean;
}

/** What is shown instead of a call that cannot be. */
export interface ProblemView {
  readonly phase: 'problem';
  readonly problem: ProblemCode;
  readonly detail?: string;
  readonly media?: Media;
  /** `in`: somebody else called, whom trying again calls back. */
  readonly direction?: 'in' | 'out';
}

/** What the interface asks for in any call; requests go up, the view comes down. */
export interface SessionActions {
  reject(): void;
  toggleMicrophone(): void;
  toggleCamera(): void;
  shareScreen(): void;
  /** The one useful button of a problem: tries again what failed, or calls back. */
  retry(): void;
  /** Closes `ended` or `problem`. */
  dismiss(): void;
  /** Called from a click when `soundBlocked`. */
  resumeSound(): void;
}

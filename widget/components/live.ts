import type { CallView } from '../call/view.ts';

/** A call that is being set up or is running. */
export type LiveView = Extract<CallView, { phase: 'outgoing' | 'active' }>;

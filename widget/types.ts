/** The types of the element for pages in TypeScript: `import type {} from 'video-call'` is all they need. */
export type { CallTarget, ChatRecord } from './adapters/chat.ts';
export type { VideoCallElement } from './element.ts';
export type { VideoCallEventDetails, VideoCallEventMap, VideoCallEventName } from './events.ts';

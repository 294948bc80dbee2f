import type { ErrorCode, Received } from '../../protocol/index.ts';
import type { ProblemCode } from './terms.ts';

const PROBLEMS: Partial<Record<Received<ErrorCode>, ProblemCode>> = {
  'unknown-group': 'group-unavailable',
  'not-a-member': 'group-unavailable',
  'group-of-one': 'group-unavailable',
  'media-unavailable': 'media-unavailable',
  'bad-sdp': 'media-failed',
  'not-registered': 'not-registered',
};

/** What the user is told of the server's `error`; something general of what needs no words of its own. */
export function problemOf(code: Received<ErrorCode>): ProblemCode {
  return PROBLEMS[code] ?? 'failed';
}

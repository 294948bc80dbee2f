import { expect, test } from 'vitest';
import { CANDIDATE_MAX_BYTES, parseClientMessage, parseServerMessage, SDP_MID_MAX_LENGTH } from './index.ts';

const fromServer = (message: object) => parseServerMessage(JSON.stringify(message));
const fromClient = (message: object) => parseClientMessage(JSON.stringify(message));

const PERSON = { name: '1', displayName: 'One', avatar: '' };

test.each([
  ['error', { code: 'new', message: 'x' }, { code: 'failed' }],
  ['callResponse', { callId: 'c', response: 'rejected', code: 'new', message: 'x' }, { code: 'failed' }],
  ['registerResponse', { response: 'rejected', code: 'new', message: 'x' }, { code: 'failed' }],
  ['renewResponse', { response: 'rejected', code: 'new', message: 'x' }, { code: 'failed' }],
  ['stopCommunication', { callId: 'c', reason: 'new' }, { reason: 'ended' }],
  ['participantLeft', { room: '1', name: '1', reason: 'new' }, { reason: 'ended' }],
  ['invitedState', { room: '1', data: [{ ...PERSON, state: 'new' }] }, { data: [{ state: 'no-answer' }] }],
])('an unknown code of the server’s %s counts as the general one', (id, fields, expected) => {
  expect(fromServer({ id, ...fields })).toMatchObject(expected);
});

test('an unknown code of a client counts as the general one, and a missing one is missing', () => {
  const message = { id: 'incomingCallResponse', callResponse: 'reject' };
  expect(fromClient({ ...message, code: 'new' })).toEqual({ ...message, code: 'declined' });
  expect(fromClient(message)).toEqual(message);
});

test('counts that are missing are none', () => {
  expect(fromServer({ id: 'invitedChanged', room: '1', data: [], counts: { ringing: 2 } })).toMatchObject({
    counts: { ringing: 2, declined: 0, busy: 0, 'no-answer': 0, offline: 0, joined: 0 },
  });
});

test.each([
  [
    'candidate',
    { candidate: 'x'.repeat(CANDIDATE_MAX_BYTES) },
    { candidate: 'x'.repeat(CANDIDATE_MAX_BYTES + 1) },
  ],
  [
    'candidate of other letters',
    { candidate: '字'.repeat(CANDIDATE_MAX_BYTES / 4) },
    { candidate: '字'.repeat(CANDIDATE_MAX_BYTES / 2) },
  ],
  [
    'sdpMid',
    { candidate: '', sdpMid: 'x'.repeat(SDP_MID_MAX_LENGTH) },
    { candidate: '', sdpMid: 'x'.repeat(SDP_MID_MAX_LENGTH + 1) },
  ],
])('a %s has a limit', (_what, good, bad) => {
  expect(fromClient({ id: 'onIceCandidate', candidate: good })).toMatchObject({ candidate: good });
  expect(() => fromClient({ id: 'onIceCandidate', candidate: bad })).toThrow(/onIceCandidate/);
});

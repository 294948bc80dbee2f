import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BindingRequest } from './binding-request.ts';
import { bindingRequest } from '../../testing/media-server/binding-request.ts';

/** RFC 5769, 2.1, and the password that belongs to it. */
const SAMPLE = Buffer.from(
  '000100582112a442b7e7a701bc34d686fa87dfae' +
    '802200105354554e207465737420636c69656e74' +
    '002400046e0001ff' +
    '80290008932ff9b151263b36' +
    '00060009657674' +
    '6a3a68367659202020' +
    '000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2' +
    '80280004e57a3bcf',
  'hex',
);
const SAMPLE_PASSWORD = 'VOkJxbRl1RmTxUk/WvJxBt';

test('the sample of RFC 5769 is read and believed, with its own password only', () => {
  const request = BindingRequest.parse(SAMPLE);
  expect(request?.ufrag).toBe('evtj');
  expect(request?.hasZeroTieBreaker).toBe(false);
  expect(request?.isSignedWith(SAMPLE_PASSWORD)).toBe(true);
  expect(request?.isSignedWith('another')).toBe(false);
});

test('a tie-breaker of zero is replaced, and all else is as its sender would have written it', () => {
  const check = { username: 'ours:theirs', password: 'secret' };
  const request = BindingRequest.parse(bindingRequest({ ...check, tieBreaker: 0n }));
  expect(request?.hasZeroTieBreaker).toBe(true);
  expect(request?.withTieBreaker('secret')).toEqual(bindingRequest({ ...check, tieBreaker: 1n }));
});

test.each([
  ['a response', SAMPLE.with(0, 1)],
  ['another protocol', SAMPLE.with(4, 0)],
  ['cut off', SAMPLE.subarray(0, SAMPLE.length - 4)],
  ['with an attribute beyond its end', SAMPLE.with(SAMPLE.length - 5, 44)],
  ['empty', Buffer.alloc(0)],
])('what is %s is none', (_what, datagram) => {
  expect(BindingRequest.parse(Buffer.from(datagram))).toBeNull();
});

test('random and mutated datagrams never throw', () => {
  const mutated = fc
    .array(fc.tuple(fc.nat(SAMPLE.length - 1), fc.nat(255)), { maxLength: 6 })
    .map((changes) => changes.reduce((bytes, [at, value]) => bytes.with(at, value), new Uint8Array(SAMPLE)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (datagram) => {
      const request = BindingRequest.parse(Buffer.from(datagram));
      if (!request) return;
      expect(request.ufrag).toBeTypeOf('string');
      expect(request.isSignedWith('secret')).toBe(false);
      if (request.hasZeroTieBreaker) expect(request.withTieBreaker('secret')).toHaveLength(datagram.length);
    }),
    { numRuns: 2_000 },
  );
});

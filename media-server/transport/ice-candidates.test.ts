import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { announceCandidate, IceCandidateError, usableCandidate } from './ice-candidates.ts';

const HOST = 'candidate:1 1 UDP 2114977791 192.0.2.2 57354 typ host';

describe('usableCandidate', () => {
  it('takes UDP candidates with an address', () => {
    expect(usableCandidate(HOST)).toBe(HOST);
    expect(usableCandidate(`a=${HOST} generation 0 ufrag x`)).toBe(`${HOST} generation 0 ufrag x`);
    expect(usableCandidate(HOST.replace('192.0.2.2', 'fd00::2'))).toContain('fd00::2');
  });

  it('drops names, TCP, RTCP and the end of candidates', () => {
    expect(usableCandidate(HOST.replace('192.0.2.2', '6f2a.local'))).toBeNull();
    expect(usableCandidate(HOST.replace('192.0.2.2', 'example.com'))).toBeNull();
    expect(usableCandidate(HOST.replace('UDP', 'tcp'))).toBeNull();
    expect(usableCandidate(HOST.replace('1 1', '1 2'))).toBeNull();
    expect(usableCandidate('')).toBeNull();
  });

  it('throws IceCandidateError for anything else', () => {
    expect(() => usableCandidate('candidate:')).toThrow(IceCandidateError);
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(text.trim() !== '');
        expect(() => usableCandidate(text)).toThrow(IceCandidateError);
      }),
    );
  });
});

describe('announceCandidate', () => {
  it('changes the address of host candidates of the same family only', () => {
    expect(announceCandidate(HOST, '203.0.113.9')).toBe(HOST.replace('192.0.2.2', '203.0.113.9'));
    expect(announceCandidate(HOST, '2001:db8::1')).toBe(HOST);
    expect(announceCandidate(HOST.replace('host', 'srflx'), '203.0.113.9')).toContain('192.0.2.2');
    expect(announceCandidate(HOST, undefined)).toBe(HOST);
  });
});

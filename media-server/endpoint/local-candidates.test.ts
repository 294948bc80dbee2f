import { beforeEach, describe, expect, it } from 'vitest';
import { LocalCandidates } from './local-candidates.ts';

const HOST = 'candidate:1 1 UDP 2114977791 192.0.2.2 45738 typ host';
const TARGETS = [
  { mid: 'audio0', index: 0 },
  { mid: 'video0', index: 1 },
];

let events: string[];
let candidates: LocalCandidates;

beforeEach(() => {
  events = [];
  candidates = new LocalCandidates({
    onCandidate: ({ sdpMid, sdpMLineIndex }) => events.push(`${sdpMid} ${sdpMLineIndex}`),
    onGatheringDone: () => events.push('done'),
  });
});

describe('LocalCandidates', () => {
  it('are announced for each m-line once they are requested and negotiated, in either order', () => {
    candidates.add(HOST);
    candidates.finish();
    candidates.request();
    expect(events).toEqual([]);
    candidates.announceTo(TARGETS);
    expect(events).toEqual(['audio0 0', 'video0 1', 'done']);
  });

  it('are announced as they are gathered afterwards, and their end once', () => {
    candidates.announceTo(TARGETS.slice(0, 1));
    candidates.request();
    candidates.add(HOST);
    expect(events).toEqual(['audio0 0']);
    candidates.finish();
    candidates.request();
    candidates.finish();
    expect(events).toEqual(['audio0 0', 'done']);
  });

  it('are announced once per address, whatever their foundation and priority', () => {
    candidates.announceTo(TARGETS.slice(0, 1));
    candidates.request();
    candidates.add(HOST);
    candidates.add(HOST.replace('candidate:1', 'candidate:2').replace('2114977791', '1'));
    expect(events).toEqual(['audio0 0']);
  });
});

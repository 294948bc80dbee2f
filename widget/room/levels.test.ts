import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { settle, speakerOf } from './levels.ts';
import type { ParticipantView } from './view.ts';

const level = fc.double({ min: 0, max: 1, noNaN: true });

it('is as loud as the sound, at once, within one step', () => {
  fc.assert(
    fc.property(level, level, (before, now) => {
      expect(settle(before, now)).toBeGreaterThanOrEqual(Math.min(1, now) - 0.02);
      expect(settle(0, now)).toBeLessThanOrEqual(now + 0.02);
    }),
  );
});

it('falls silent within three seconds', () => {
  fc.assert(
    fc.property(level, (loud) => {
      let now = settle(0, loud);
      for (let sample = 0; sample < 15; sample += 1) now = settle(now, 0);
      expect(now).toBe(0);
    }),
  );
});

it('stays between 0 and 1', () => {
  expect(settle(0, 4)).toBe(1);
  expect(settle(0, 0.001)).toBe(0);
});

const talker = (name: string, level: number, audio = true): ParticipantView => ({
  person: { name, displayName: name, avatar: '' },
  isSelf: name === 'self',
  flags: { audio, video: true, screen: false },
  level,
  isConnecting: false,
});

test('the loudest speaks, oneself too', () => {
  expect(speakerOf([talker('self', 0.1), talker('a', 0.5), talker('b', 0.4)])?.person.name).toBe('a');
  expect(speakerOf([talker('self', 0.3), talker('a', 0.1)])?.person.name).toBe('self');
});

test('nobody speaks in noise, or with the sound off', () => {
  expect(speakerOf([talker('a', 0.01), talker('b', 0.02)])).toBeUndefined();
  expect(speakerOf([talker('a', 0.9, false)])).toBeUndefined();
  expect(speakerOf([])).toBeUndefined();
});

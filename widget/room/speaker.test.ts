import { expect, test } from 'vitest';
import { speakerOf } from './speaker.ts';
import type { ParticipantView } from './view.ts';

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

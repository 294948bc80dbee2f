import { expect, test } from 'vitest';
import { CHARACTERS_MAX, Conversations, MESSAGES_MAX } from './conversations.ts';

const YI = { type: 'friend', id: 2 } as const;

test('keeps the newest messages only', () => {
  const conversations = new Conversations();
  for (let i = 0; i < MESSAGES_MAX + 5; i++) {
    conversations.add(1, YI, { kind: 'text', text: `${i}` }, `${i}`, i);
  }
  const kept = conversations.history(1, [YI]);
  expect(kept).toHaveLength(MESSAGES_MAX);
  expect(kept[0]?.content).toEqual({ kind: 'text', text: '5' });
});

test('keeps no more characters than allowed, whatever the images weigh', () => {
  const conversations = new Conversations();
  const url = 'x'.repeat(CHARACTERS_MAX / 4);
  for (let i = 0; i < 10; i++) conversations.add(1, YI, { kind: 'image', url }, `${i}`, i);
  expect(conversations.history(2, [{ type: 'friend', id: 1 }])).toHaveLength(4);
});

test('reading goes forward only', () => {
  const conversations = new Conversations();
  for (let i = 0; i < 3; i++) conversations.add(1, YI, { kind: 'text', text: 'x' }, `${i}`, i);
  expect(conversations.markRead(2, { type: 'friend', id: 1 }, 2)).toBe(2);
  expect(conversations.markRead(2, { type: 'friend', id: 1 }, 1)).toBeUndefined();
  expect(conversations.readMarks(1, [YI])).toEqual([{ by: 2, chat: YI, upTo: 2 }]);
});

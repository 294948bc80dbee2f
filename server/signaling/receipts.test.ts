import { expect, test } from 'vitest';
import { Receipts } from './receipts.ts';

test('one question at a time is under way', () => {
  const receipts = new Receipts();
  expect(receipts.ask()).toBe('0');
  receipts.want(1);
  receipts.want(7);
  expect(receipts.ask()).toBeUndefined();
  expect(receipts.answer('0')).toEqual({ number: 0, isAnotherWanted: true });
  expect(receipts.ask()).toBe('7');
  expect(receipts.answer('7')).toEqual({ number: 7, isAnotherWanted: false });
});

test.each(['', '0', '6', '8', '7.0', 'x'])('"%s" answers nothing that was asked', (payload) => {
  const receipts = new Receipts();
  receipts.want(7);
  expect(receipts.answer(payload)).toBeUndefined();
  receipts.ask();
  expect(receipts.answer(payload)).toBeUndefined();
  expect(receipts.answer('7')).toBeDefined();
  expect(receipts.answer('7')).toBeUndefined();
});

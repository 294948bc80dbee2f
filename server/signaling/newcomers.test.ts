import { expect, test } from 'vitest';
import { Newcomers } from './newcomers.ts';

const someone = (isSilent = true) => ({ isSilent });

test('too many of one address: the oldest silent one of that address goes', () => {
  const newcomers = new Newcomers({ perAddressMax: 3, max: 100 });
  const [other, talking, first, second] = [someone(), someone(false), someone(), someone()];
  expect(newcomers.add(other, '192.0.2.1')).toBeUndefined();
  for (const each of [talking, first, second]) expect(newcomers.add(each, '192.0.2.2')).toBeUndefined();
  expect(newcomers.add(someone(), '192.0.2.2')).toBe(first);
  expect(newcomers.add(someone(), '192.0.2.2')).toBe(second);
  expect(newcomers.size).toBe(4);
});

test('if all of an address have said something the oldest of them goes', () => {
  const newcomers = new Newcomers({ perAddressMax: 2, max: 100 });
  const first = someone(false);
  newcomers.add(first, '192.0.2.1');
  newcomers.add(someone(false), '192.0.2.1');
  expect(newcomers.add(someone(), '192.0.2.1')).toBe(first);
});

test('who has registered or gone takes no place', () => {
  const newcomers = new Newcomers({ perAddressMax: 1, max: 100 });
  for (let count = 0; count < 5; count += 1) {
    const each = someone();
    expect(newcomers.add(each, '192.0.2.1')).toBeUndefined();
    newcomers.delete(each);
    newcomers.delete(each);
  }
  expect(newcomers.size).toBe(0);
});

test('without an address only the number of all counts, and nobody is locked out by it', () => {
  const newcomers = new Newcomers({ perAddressMax: 1, max: 3 });
  const all = [someone(), someone(), someone(), someone()] as const;
  for (const each of all.slice(0, 3)) expect(newcomers.add(each, undefined)).toBeUndefined();
  expect(newcomers.add(all[3], undefined)).toBe(all[0]);
  expect(newcomers.add(someone(), '192.0.2.1')).toBe(all[1]);
  expect(newcomers.size).toBe(3);
});

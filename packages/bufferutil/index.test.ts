import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mask, unmask } from './index.cjs';

test('it masks as in the example of RFC 6455, 5.7', () => {
  const frame = Buffer.alloc(6);
  mask(Buffer.from('Hello'), Buffer.from('37fa213d', 'hex'), frame, 1, 5);
  expect(frame.toString('hex')).toBe('007f9f4d5158');
});

test('unmask undoes mask and leaves what is around it alone', () => {
  const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
  fc.assert(
    fc.property(bytes(0, 300), bytes(4, 4), fc.nat(20), (source, key, offset) => {
      const output = new Uint8Array(offset + source.length + 1).fill(0xaa);
      mask(source, key, output, offset, source.length);
      unmask(output.subarray(offset, offset + source.length), key);
      expect(output).toEqual(Uint8Array.from([...Array<number>(offset).fill(0xaa), ...source, 0xaa]));
    }),
  );
});

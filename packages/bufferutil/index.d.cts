/** XORs `length` bytes of `source` with the four-byte `maskKey` into `output` at `offset` (RFC 6455, 5.3). */
export function mask(
  source: Uint8Array,
  maskKey: Uint8Array,
  output: Uint8Array,
  offset: number,
  length: number,
): void;

/** XORs `buffer` in place with the four-byte `maskKey`. */
export function unmask(buffer: Uint8Array, maskKey: Uint8Array): void;

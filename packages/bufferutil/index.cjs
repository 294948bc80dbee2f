'use strict';

// `ws` prefers these two over its own when a package of this name is present,
// so they have the signatures of the compiled package.

/** XORs `length` bytes of `source` with the four-byte `mask` into `output` at `offset` (RFC 6455, 5.3). */
function mask(source, maskKey, output, offset, length) {
  for (let i = 0; i < length; i++) output[offset + i] = source[i] ^ maskKey[i & 3];
}

/** XORs `buffer` in place with the four-byte mask. */
function unmask(buffer, maskKey) {
  for (let i = 0; i < buffer.length; i++) buffer[i] ^= maskKey[i & 3];
}

module.exports = { mask, unmask };

import { createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';

function attribute(type: number, value: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(value.length, 2);
  return Buffer.concat([header, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

/** A message with these attributes whose length includes further ones of `moreBytes`. */
function message(attributes: readonly Buffer[], moreBytes: number): Buffer {
  const body = Buffer.concat(attributes);
  const header = Buffer.from('000100002112a442000102030405060708090a0b', 'hex');
  header.writeUInt16BE(body.length + moreBytes, 2);
  return Buffer.concat([header, body]);
}

/** A connectivity check as a browser writes it (RFC 8489). */
export function bindingRequest(options: {
  readonly username: string;
  readonly password: string;
  readonly tieBreaker: bigint;
}): Buffer {
  const tieBreaker = Buffer.alloc(8);
  tieBreaker.writeBigUInt64BE(options.tieBreaker);
  const attributes = [
    attribute(0x0006, Buffer.from(options.username)),
    attribute(0x802a, tieBreaker),
    attribute(0x0025, Buffer.alloc(0)),
  ];
  const integrity = createHmac('sha1', options.password).update(message(attributes, 24)).digest();
  attributes.push(attribute(0x0008, integrity));
  const fingerprint = Buffer.alloc(4);
  fingerprint.writeUInt32BE((crc32(message(attributes, 8)) ^ 0x5354554e) >>> 0);
  return message([...attributes, attribute(0x8028, fingerprint)], 0);
}

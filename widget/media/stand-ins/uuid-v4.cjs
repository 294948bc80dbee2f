/** Stands in for `uuid/v4`; `crypto.randomUUID` is missing on plain http pages. */
module.exports = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );

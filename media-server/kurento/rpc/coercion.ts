import type { Json } from './json.ts';

/**
 * The conversions of jsoncpp's `Json::Value`, which Kurento relies on: a number is taken for a string, but not
 * the other way round, and `null` is the empty value of every scalar type. `undefined` means "not convertible".
 */

const MIN_INT32 = -(2 ** 31);
const MAX_INT32 = 2 ** 31 - 1;

/** What `isConvertibleTo(stringValue)` and `asString()` make of it. */
export function toText(value: Json | undefined): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return value === null ? '' : undefined;
  }
}

/** What `isConvertibleTo(intValue)` and `asInt()` make of it: truncated, 32 bits. */
export function toInteger(value: Json | undefined): number | undefined {
  const number = toNumber(value);
  if (number === undefined || number < MIN_INT32 || number > MAX_INT32) return undefined;
  return Math.trunc(number);
}

/** What `isConvertibleTo(realValue)` and `asDouble()` make of it. */
export function toNumber(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value === null ? 0 : undefined;
}

/** What `isConvertibleTo(booleanValue)` and `asBool()` make of it. */
export function toBoolean(value: Json | undefined): boolean | undefined {
  const number = toNumber(value);
  return number === undefined ? undefined : number !== 0;
}

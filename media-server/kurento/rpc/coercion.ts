import type { Json } from './json.ts';

/**
 * The conversions of jsoncpp's `Json::Value`, which Kurento relies on: a number is taken for a string, but not
 * the other way round, and `null` is the empty value of every scalar type. `undefined` means "not convertible".
 */

const MIN_INT32 = -(2 ** 31);
const MAX_INT32 = 2 ** 31 - 1;

/** As `isConvertibleTo(stringValue)` and `asString()` do. */
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

/** As `isConvertibleTo(intValue)` and `asInt()` do: truncated, 32 bits. */
export function toInteger(value: Json | undefined): number | undefined {
  const number = toNumber(value);
  if (number === undefined || number < MIN_INT32 || number > MAX_INT32) return undefined;
  return Math.trunc(number);
}

/** As `isConvertibleTo(realValue)` and `asDouble()` do. */
export function toNumber(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value === null ? 0 : undefined;
}

/** As `isConvertibleTo(booleanValue)` and `asBool()` do. */
export function toBoolean(value: Json | undefined): boolean | undefined {
  const number = toNumber(value);
  return number === undefined ? undefined : number !== 0;
}

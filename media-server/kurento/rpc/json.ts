/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** Longer texts are not parsed leniently: that would take too long. */
const MAX_LENIENT_CHARACTERS = 65_536;

/** Text that jsoncpp, Kurento's JSON parser, refuses too. */
export class MalformedJsonError extends Error {
  readonly code = 'malformed-json';
}

/** Whether the value is a JSON object (not an array, not `null`). */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own member of a JSON object; `undefined` where there is none, also for inherited names. */
export function member(value: Json | undefined, name: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/**
 * Parses one JSON value as leniently as jsoncpp: comments, and anything after the value, are ignored.
 * @throws MalformedJsonError
 */
export function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // Lenient parsing is rarely needed, so the fast and strict parser comes first.
  }
  if (text.length > MAX_LENIENT_CHARACTERS) throw new MalformedJsonError('not JSON');
  try {
    return JSON.parse(firstValue(text)) as Json;
  } catch {
    throw new MalformedJsonError('not JSON');
  }
}

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/sy;

/** The text of the first array or object, without comments. */
function firstValue(text: string): string {
  const kept: string[] = [];
  let depth = 0;
  let position = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position;
    return pattern.exec(text)?.[0];
  };
  while (position < text.length) {
    const character = text.charAt(position);
    const comment = character === '/' ? take(COMMENT) : undefined;
    const piece = comment ?? (character === '"' ? take(STRING) : character);
    // An unterminated string or comment is an error at once: looking for its end again at every later character
    // would take quadratic time.
    if (piece === undefined || piece === '/') throw new MalformedJsonError('not JSON');
    position += piece.length;
    if (comment === undefined) kept.push(piece);
    if (piece === '{' || piece === '[') depth += 1;
    if ((piece === '}' || piece === ']') && --depth <= 0) break;
  }
  return kept.join('');
}

/** Serialises a value as jsoncpp does: compact, members in the order of their names' bytes. */
export function encodeJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(encodeJson).join(',')}]`;
  const object = value as JsonObject;
  const members = Object.keys(object)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${encodeJson(object[name] ?? null)}`);
  return `{${members.join(',')}}`;
}

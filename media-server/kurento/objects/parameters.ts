import { toBoolean, toInteger, toNumber, toText } from '../rpc/coercion.ts';
import { RpcError } from '../rpc/rpc-error.ts';
import { isJsonObject, member, type Json, type JsonObject } from '../rpc/json.ts';

/** Finds the object with the id that a parameter names; throws `RpcError` 40101 when there is none. */
export type Lookup<Found = unknown> = (id: string) => Found;

/** The type of a parameter, and how its value is read from JSON. */
export interface Parameter<T> {
  /** As in Kurento's message: "should be a …". */
  readonly expected: string;
  readonly optional: boolean;
  /** Returns `undefined` for a value of the wrong type. */
  read(value: Json, lookup: Lookup): T | undefined;
}

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

/** The values of parameters, as passed to a handler. */
export type Values<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends Parameter<infer T> ? T : never;
};

export const text = scalar('string', toText);
export const integer = scalar('integer', toInteger);
export const boolean = scalar('boolean', toBoolean);
export const float = scalar('float', (value) => {
  const number = toNumber(value);
  return number === undefined ? undefined : Math.fround(number);
});

/** One of the names of an enumeration. */
export function oneOf<const Name extends string>(type: string, names: readonly Name[]): Parameter<Name> {
  return scalar('string', (value) => {
    const given = toText(value);
    const name = names.find((candidate) => candidate === given);
    if (given !== undefined && name === undefined) throw RpcError.marshall(`Invalid value for '${type}'`);
    return name;
  });
}

/** An object of the given properties, in Kurento's complex types. */
export function struct<P extends Parameters>(properties: P): Parameter<Values<P>> {
  return {
    expected: 'object',
    optional: false,
    read: (value, lookup) =>
      isJsonObject(value) ? readAll(properties, value, 'property', lookup) : undefined,
  };
}

/** An object with any properties, unchecked. */
export const anyObject: Parameter<JsonObject> = scalar('object', (value) =>
  isJsonObject(value) ? value : undefined,
);

/** A reference to another object by its id. */
export function reference<Target>(): Parameter<Target> {
  return {
    expected: 'string',
    optional: false,
    read: (value, lookup) => {
      const id = toText(value);
      return id === undefined ? undefined : (lookup(id) as Target);
    },
  };
}

/** The same parameter, but it may be missing. */
export function optional<T>(parameter: Parameter<T>): Parameter<T | undefined> {
  return { ...parameter, optional: true };
}

/**
 * Reads the parameters from JSON in the order of their declaration; undeclared ones are ignored.
 * @param kind how Kurento's message calls them
 * @throws RpcError 40001
 */
export function readAll<P extends Parameters>(
  parameters: P,
  given: Json | undefined,
  kind: 'parameter' | 'property',
  lookup: Lookup,
): Values<P> {
  const values = Object.entries(parameters).map(([name, parameter]) => {
    const value = member(given, name);
    if (value === undefined && parameter.optional) return [name, undefined];
    const read = value === undefined ? undefined : parameter.read(value, lookup);
    if (read === undefined) throw RpcError.marshall(`'${name}' ${kind} should be a ${parameter.expected}`);
    return [name, read];
  });
  return Object.fromEntries(values) as Values<P>;
}

/**
 * Checks the container of parameters as Kurento does before it looks at any of them.
 * @param container how the message calls it
 * @throws RpcError 40001
 */
export function checkContainer(parameters: Parameters, given: Json | undefined, container: string): void {
  const missing = given === undefined || given === null;
  if (missing && Object.values(parameters).some((parameter) => !parameter.optional)) {
    throw RpcError.marshall(`'${container}' is required`);
  }
  if (!missing && !isJsonObject(given)) throw RpcError.marshall(`'${container}' should be an object`);
}

function scalar<T>(expected: string, read: (value: Json) => T | undefined): Parameter<T> {
  return { expected, optional: false, read };
}

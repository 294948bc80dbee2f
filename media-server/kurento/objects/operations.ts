import type { Json } from '../rpc/json.ts';
import { checkContainer, readAll, type Lookup, type Parameters, type Values } from './parameters.ts';

/** An operation of remote objects: its parameters and its implementation. */
export interface Operation<Self> {
  readonly parameters: Parameters;
  call(self: Self, given: Json | undefined, lookup: Lookup): Json | Promise<Json>;
}

/** The operations of a type by name; those of a base type are spread into it. */
export type Operations<Self> = Readonly<Record<string, Operation<Self>>>;

/** A method whose value is what its handler returns. */
export function method<Self, P extends Parameters>(
  parameters: P,
  handler: (self: Self, values: Values<P>) => Json | Promise<Json>,
): Operation<Self> {
  return {
    parameters,
    call(self, given, lookup) {
      // A method without parameters does not check `operationParams` at all.
      if (Object.keys(parameters).length > 0) checkContainer(parameters, given, 'operationParams');
      return handler(self, readAll(parameters, given, 'parameter', lookup));
    },
  };
}

/** A method whose value is `null`. */
export function action<Self, P extends Parameters>(
  parameters: P,
  handler: (self: Self, values: Values<P>) => void,
): Operation<Self> {
  return method<Self, P>(parameters, (self, values) => {
    handler(self, values);
    return null;
  });
}

/** A method without parameters. */
export function getter<Self>(handler: (self: Self) => Json | Promise<Json>): Operation<Self> {
  return method({}, handler);
}

/** The setter of a property: unlike a method's, its container of parameters is not checked. */
export function setter<Self, P extends Parameters>(
  parameters: P,
  handler: (self: Self, values: Values<P>) => void,
): Operation<Self> {
  return {
    parameters,
    call(self, given, lookup) {
      handler(self, readAll(parameters, given, 'parameter', lookup));
      return null;
    },
  };
}

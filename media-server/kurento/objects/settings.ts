import type { Json } from '../rpc/json.ts';
import { getter, setter, type Operation, type Operations } from './operations.ts';
import { boolean, integer, text, type Parameter } from './parameters.ts';

/** Values of simple properties by name; missing ones have their default. */
export type Settings = Map<string, Json>;

interface HasSettings {
  readonly settings: Settings;
}

/** `getX` and `setX` of properties that are only stored, from their names and defaults. */
export function settingOperations<Self extends HasSettings>(
  defaults: Readonly<Record<string, string | number | boolean>>,
): Operations<Self> {
  const operations: Record<string, Operation<Self>> = {};
  for (const [name, initial] of Object.entries(defaults)) {
    const suffix = name.charAt(0).toUpperCase() + name.slice(1);
    operations[`get${suffix}`] = getter((self: Self) => self.settings.get(name) ?? initial);
    operations[`set${suffix}`] = setter({ [name]: parameterFor(initial) }, (self: Self, values) => {
      self.settings.set(name, values[name] ?? null);
    });
  }
  return operations;
}

function parameterFor(initial: string | number | boolean): Parameter<string | number | boolean> {
  switch (typeof initial) {
    case 'string':
      return text;
    case 'number':
      return integer;
    default:
      return boolean;
  }
}

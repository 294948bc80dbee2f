import type { JsonSchema } from '../../server/http/api/operation.ts';
import { SCHEMAS } from '../../server/http/api/schemas.ts';

/**
 * Checks a value against the part of JSON Schema that the API's description uses.
 * @returns what is wrong, each with its place; nothing when the value fits
 */
export function mismatches(value: unknown, schema: JsonSchema, at = '$'): string[] {
  if (typeof schema['$ref'] === 'string') return mismatches(value, resolve(schema['$ref']), at);
  const types = [schema['type'] ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) {
    return [`${at} is no ${types.join(' or ')}: ${JSON.stringify(value)}`];
  }
  if (Array.isArray(schema['enum']) && !schema['enum'].includes(value)) {
    return [`${at} is none of ${schema['enum'].join(', ')}: ${JSON.stringify(value)}`];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => mismatches(item, schema['items'] as JsonSchema, `${at}[${index}]`));
  }
  if (typeof value !== 'object' || value === null) return [];
  return fieldMismatches(value as Record<string, unknown>, schema, at);
}

/** The schema that a `$ref` names. */
export function resolve(ref: string): JsonSchema {
  const name = ref.replace('#/components/schemas/', '') as keyof typeof SCHEMAS;
  const schema = SCHEMAS[name] as JsonSchema | undefined;
  if (!schema) throw new Error(`${ref} leads nowhere`);
  return schema;
}

function fieldMismatches(value: Record<string, unknown>, schema: JsonSchema, at: string): string[] {
  const properties = (schema['properties'] ?? {}) as Record<string, JsonSchema>;
  const required = (schema['required'] ?? []) as string[];
  const missing = required.filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`);
  const wrong = Object.entries(value).flatMap(([name, field]) => {
    const property = properties[name];
    if (property) return mismatches(field, property, `${at}.${name}`);
    return schema['additionalProperties'] === false ? [`${at}.${name} is not described`] : [];
  });
  return [...missing, ...wrong];
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

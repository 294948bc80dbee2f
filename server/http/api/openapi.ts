import type { ApiOperation } from './operation.ts';
import { ref, SCHEMAS } from './schemas.ts';

const OPENAPI_VERSION = '3.1.0';
const API_VERSION = '1';

/** Errors that any operation may answer. */
const COMMON_ERRORS = {
  400: 'bad-request',
  401: 'unauthorized',
  403: 'api-closed',
  503: 'store-unavailable',
} as const;
/** Errors of operations that take a body. */
const BODY_ERRORS = { 413: 'too-large', 415: 'unsupported-encoding' } as const;

/** Describes the operations as an OpenAPI 3.1 document. */
export function openApiDocument(operations: readonly ApiOperation[]) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    (paths[operation.path] ??= {})[operation.method] = describe(operation);
  }
  return {
    openapi: OPENAPI_VERSION,
    info: {
      title: 'video-call',
      version: API_VERSION,
      description: 'Groups, their members and past calls. Ids in paths are URL-encoded.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ adminToken: [] }],
    paths,
    components: {
      securitySchemes: {
        adminToken: { type: 'http', scheme: 'bearer', description: 'The `ADMIN_TOKEN` of the server.' },
      },
      schemas: SCHEMAS,
    },
  };
}

function describe({ id, summary, description, parameters, body, answers, errors }: ApiOperation) {
  return {
    operationId: id,
    summary,
    ...(description && { description }),
    ...(parameters && { parameters }),
    ...(body && { requestBody: { required: body.required, content: json(body.schema) } }),
    responses: {
      ...successes(answers),
      ...failures({ ...COMMON_ERRORS, ...(body && BODY_ERRORS), ...errors }),
    },
  };
}

function successes(answers: ApiOperation['answers']) {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema }]) => [
      status,
      { description, ...(schema && { content: json(schema) }) },
    ]),
  );
}

function failures(errors: Readonly<Record<number, string>>) {
  return Object.fromEntries(
    Object.entries(errors).map(([status, code]) => [
      status,
      { description: `\`${code}\``, content: json(ref('Error')) },
    ]),
  );
}

function json(schema: unknown) {
  return { 'application/json': { schema } };
}

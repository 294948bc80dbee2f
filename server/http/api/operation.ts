import type { GroupStore } from '../../groups/index.ts';

/** A JSON Schema (2020-12) within the OpenAPI document. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A request as an operation sees it: parsed, authorized, without HTTP. */
export interface ApiRequest {
  readonly store: GroupStore;
  /** A parameter of the path, decoded. */
  param(name: string): string;
  /** A parameter of the query; empty counts as missing. */
  query(name: string): string | undefined;
  /**
   * The body, parsed; undefined when there is none.
   * @throws ApiError or ImportError when it is too large or no JSON
   */
  body(): Promise<unknown>;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Written as JSON; undefined for no content. */
  readonly body?: unknown;
}

/** A parameter as OpenAPI describes it. */
export interface ApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required?: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
}

/** One operation of the API: the routes and their description are both made from it. */
export interface ApiOperation {
  readonly id: string;
  readonly method: 'get' | 'put' | 'post' | 'delete';
  /** As OpenAPI writes it: `/api/groups/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly ApiParameter[];
  readonly body?: { readonly required: boolean; readonly schema: JsonSchema };
  /** What it answers when it succeeds, by status. */
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema?: JsonSchema }>>;
  /** Codes of the errors that are its own, by status. */
  readonly errors?: Readonly<Record<number, string>>;
  handle(request: ApiRequest): Promise<ApiAnswer>;
}

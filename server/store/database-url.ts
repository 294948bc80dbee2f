import { DatabaseUrlError } from './errors.ts';

/** A database that the store can live in. */
export type DatabaseAddress =
  | { readonly engine: 'sqlite'; /** A file's path, or `:memory:`. */ readonly path: string }
  | { readonly engine: 'postgres' | 'mysql'; readonly url: string };

export type Engine = DatabaseAddress['engine'];

const KNOWN = 'file:PATH, postgres://USER:PASSWORD@HOST/DATABASE or mysql://USER:PASSWORD@HOST/DATABASE';

/**
 * Reads `DATABASE_URL`.
 * @param text `file:…` or `sqlite:…` (relative to the working directory), `postgres:`, `postgresql:`, `mysql:`, `mariadb:`
 * @throws DatabaseUrlError when it is none of these
 */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  const [scheme = '', rest = ''] = splitScheme(text);
  switch (scheme) {
    case 'file':
    case 'sqlite':
      return { engine: 'sqlite', path: sqlitePath(rest) };
    case 'postgres':
    case 'postgresql':
      return { engine: 'postgres', url: networkUrl(text) };
    case 'mysql':
    case 'mariadb':
      return { engine: 'mysql', url: networkUrl(`mysql:${rest}`) };
    default:
      throw new DatabaseUrlError(`DATABASE_URL must be ${KNOWN}.`);
  }
}

function splitScheme(text: string): [string, string] | [] {
  const colon = text.indexOf(':');
  return colon < 0 ? [] : [text.slice(0, colon).toLowerCase(), text.slice(colon + 1)];
}

/** `file:data/x.db`, `file:///var/x.db`, `file::memory:`. */
function sqlitePath(rest: string): string {
  const path = rest.startsWith('//') ? decodeURIComponent(rest.slice(2)) : rest;
  if (path === '') throw new DatabaseUrlError('DATABASE_URL names no file: write file:data/video-call.db.');
  return path;
}

function networkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url?.hostname || url.pathname.length < 2) {
    throw new DatabaseUrlError(`DATABASE_URL must name a host and a database: ${KNOWN}.`);
  }
  return text;
}

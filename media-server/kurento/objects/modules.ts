import type { Json } from '../rpc/json.ts';
import { complex, type TypeDescription } from './media-object.ts';

/** The version of Kurento that this server behaves like. */
const KURENTO_VERSION = '7.3.1-dev';

/** A Kurento module: kurento-client refuses a server that lacks `core`, `elements` or `filters`. */
export interface Module {
  readonly name: 'core' | 'elements' | 'filters';
  readonly types: readonly TypeDescription[];
}

/** The reply to `ServerManager.getInfo`. */
export function serverInfo(modules: readonly Module[], startedAt: Date): Json {
  return complex('ServerInfo', {
    capabilities: ['transactions'],
    modules: modules.map(({ name, types }) =>
      complex('ModuleInfo', {
        factories: types.map(({ type }) => type).sort(),
        generationTime: generationTime(startedAt),
        name,
        version: KURENTO_VERSION,
      }),
    ),
    type: 'KMS',
    version: KURENTO_VERSION,
  });
}

/** A module's description in Kurento's form (`.kmd.json`), generated from the implemented operations. */
export function moduleDescription({ name, types }: Module): string {
  const remoteClasses = types.map(({ type, hierarchy, events, operations }) => ({
    name: type,
    extends: hierarchy[0]?.replace('kurento.', ''),
    events,
    methods: Object.entries(operations).map(([operation, { parameters }]) => ({
      name: operation,
      params: Object.entries(parameters).map(([parameter, { expected, optional }]) => ({
        name: parameter,
        type: expected,
        optional,
      })),
    })),
  }));
  return JSON.stringify({ name, version: KURENTO_VERSION, remoteClasses });
}

/** In the form of C's `__DATE__ __TIME__`, for example `Nov 22 2026 10:56:10`. */
function generationTime(date: Date): string {
  const [, day = '', month = '', year = '', time = ''] = date.toUTCString().split(' ');
  return `${month} ${day} ${year} ${time}`;
}

import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import type { MediaServerOptions } from './server.ts';

const DEFAULT_PORT = 8888;
const MAX_PORT = 65_535;

export const HELP = `video-call-media: a small media server that speaks Kurento's protocol

Usage: video-call-media [options]

  --port PORT              TCP port of the protocol (default ${DEFAULT_PORT}; 0 takes a free one)
  --host ADDRESS           address to listen on (default 127.0.0.1; the protocol has no authentication)
  --media-ports MIN-MAX    UDP ports for media, for example 40000-49999 (default: any; env MEDIA_PORTS)
  --media-address ADDRESS  IP address that browsers reach this machine by (env MEDIA_ADDRESS)
  --help                   show this and exit
`;

/** What the command line asks for. */
type Command =
  | { readonly kind: 'run'; readonly options: MediaServerOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] };

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  'media-ports': { type: 'string' },
  'media-address': { type: 'string' },
  help: { type: 'boolean' },
} as const;

/**
 * Reads the command line and the environment; finds all mistakes, not only the first.
 * @param defaultPort used without `--port`
 */
export function readCommand(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  defaultPort = DEFAULT_PORT,
): Command {
  const mistakes: string[] = [];
  const values = readOptions(args, mistakes);
  if (values.help) return { kind: 'help' };
  const port = values.port === undefined ? defaultPort : readPort(values.port, mistakes);
  const mediaPorts = readRange(values['media-ports'] ?? env.MEDIA_PORTS, mistakes);
  const mediaAddress = (values['media-address'] ?? env.MEDIA_ADDRESS) || undefined;
  if (mediaAddress !== undefined && isIP(mediaAddress) === 0) {
    mistakes.push(`--media-address must be an IP address, not "${mediaAddress}"`);
  }
  if (values.host === '') mistakes.push('--host must not be empty');
  if (mistakes.length > 0) return { kind: 'mistakes', mistakes };
  return {
    kind: 'run',
    options: {
      port,
      host: values.host ?? '127.0.0.1',
      ...(mediaPorts ? { mediaPorts } : {}),
      ...(mediaAddress ? { mediaAddress } : {}),
    },
  };
}

type Values = { [Name in keyof typeof OPTIONS]?: Name extends 'help' ? boolean : string };

/** Options by name; what is no option becomes a mistake, the rest is still read. */
function readOptions(args: readonly string[], mistakes: string[]): Values {
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  const values: Record<string, string | boolean> = {};
  for (const token of tokens) {
    if (token.kind === 'positional') mistakes.push(`unexpected argument "${token.value}"`);
    if (token.kind !== 'option') continue;
    if (!Object.hasOwn(OPTIONS, token.name)) mistakes.push(`unknown option ${token.rawName}`);
    else if (token.name === 'help') values.help = true;
    else if (token.value === undefined) mistakes.push(`${token.rawName} needs a value`);
    else values[token.name] = token.value;
  }
  return values;
}

function readPort(text: string, mistakes: string[]): number {
  const port = portOf(text);
  if (port === undefined) mistakes.push(`--port must be a number from 0 to ${MAX_PORT}, not "${text}"`);
  return port ?? 0;
}

function readRange(text: string | undefined, mistakes: string[]): { min: number; max: number } | undefined {
  if (text === undefined || text === '') return undefined;
  const [min, max, ...rest] = text.split('-').map(portOf);
  if (!min || !max || rest.length > 0 || min > max) {
    mistakes.push(`--media-ports must be like 40000-49999, not "${text}"`);
    return undefined;
  }
  return { min, max };
}

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Infinity;
  return port <= MAX_PORT ? port : undefined;
}

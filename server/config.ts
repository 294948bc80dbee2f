/** The environment as one typed, checked, unchanging configuration. */
import type { BlockList } from 'node:net';
import { availableParallelism } from 'node:os';
import { createSecureContext } from 'node:tls';
import * as v from 'valibot';
import {
  databaseUrl,
  each,
  flag,
  hasScheme,
  headers,
  integer,
  list,
  networks,
  origins,
  pemFile,
  portRange,
  text,
  url,
  webUrl,
} from './config-fields.ts';
import { isLoopback } from './loopback.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
/** The shortest `JWT_SECRET`, in bytes: HS256 wants a key as long as its hash (RFC 7518, 3.2). */
const JWT_SECRET_MIN_BYTES = 32;
/** Settings whose names are taken; they are checked, and have no effect yet. */
const RESERVED = ['REDIS_URL', 'WEBHOOK_URL', 'WEBHOOK_SECRET'] as const;

/** What is demanded of a token besides its signature. */
export interface TokenDemands {
  /** The `iss` it must have; undefined: any, or none. */
  readonly issuer?: string | undefined;
  /** What its `aud` must name; undefined: anything, or nothing. */
  readonly audience?: string | undefined;
  /** Whether one without `exp` is good for ever. */
  readonly allowsNoExpiry?: boolean | undefined;
}

/** How users prove who they are. */
export type AuthConfig =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'jwt'; readonly secret: string } & TokenDemands)
  | ({ readonly kind: 'jwt'; readonly jwksUrl: URL } & TokenDemands);

export interface Config {
  readonly port: number;
  /** Addresses to listen on; undefined means all. */
  readonly hosts: readonly string[] | undefined;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly auth: AuthConfig;
  /** Origins of the pages that may connect, besides the server's own; as `originIn` writes them. */
  readonly allowedOrigins: readonly string[];
  /** Proxies whose `X-Forwarded-…` headers are believed; those of this machine always are. */
  readonly trustedProxies: BlockList;
  /** The address under which browsers reach the server, if a proxy hides it. */
  readonly publicUrl: URL | undefined;
  readonly adminToken: string | undefined;
  readonly isDemoOn: boolean;
  readonly databaseUrl: string;
  readonly media: {
    /** Addresses of Kurento Media Servers; empty: the embedded one is started. */
    readonly uris: readonly string[];
    readonly workers: number;
    readonly ports: { readonly min: number; readonly max: number };
    /** The IP address announced to browsers. */
    readonly address: string | undefined;
  };
  readonly ice: {
    readonly stunUrls: readonly string[];
    readonly turnUrls: readonly string[];
    readonly turnSecret: string | undefined;
  };
  readonly ringTimeoutMs: number;
  readonly members: {
    /** Where the chat tells a group's members; `{id}` stands for the group's id. */
    readonly url: string | undefined;
    readonly headers: Readonly<Record<string, string>>;
    readonly maxAgeMs: number;
  };
  /** Settings that are set, and that nothing here uses yet. */
  readonly withoutEffect: readonly string[];
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** A configuration that cannot be used; `problems` lists everything that is wrong with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'bad-config';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length} mistake(s):\n${problems.map((p) => `  ${p}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

const Environment = v.object({
  PORT: v.optional(integer(0, 65_535), '8080'),
  HOST: v.optional(list),
  TLS_CERT: v.optional(pemFile('cert')),
  TLS_KEY: v.optional(pemFile('key')),
  DATABASE_URL: v.optional(databaseUrl, 'file:data/video-call.db'),
  REDIS_URL: v.optional(url('redis', 'rediss')),
  KURENTO_URI: v.optional(
    each((item) => hasScheme(item, ['ws', 'wss']), 'must be ws:// or wss:// URLs, separated by commas'),
    '',
  ),
  MEDIA_WORKERS: v.optional(integer(1, 256)),
  MEDIA_PORTS: v.optional(portRange, '40000-49999'),
  MEDIA_ADDRESS: v.optional(v.pipe(text, v.ip('must be an IP address'))),
  AUTH: v.optional(v.picklist(['none', 'jwt'], 'must be none or jwt')),
  ALLOW_ANONYMOUS: v.optional(flag, '0'),
  DEMO: v.optional(flag),
  JWT_SECRET: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (value) => Buffer.byteLength(value) >= JWT_SECRET_MIN_BYTES,
        `must be at least ${JWT_SECRET_MIN_BYTES} bytes long`,
      ),
    ),
  ),
  JWKS_URL: v.optional(webUrl),
  JWT_ISSUER: v.optional(text),
  JWT_AUDIENCE: v.optional(text),
  JWT_ALLOW_NO_EXPIRY: v.optional(flag, '0'),
  ADMIN_TOKEN: v.optional(v.string()),
  ALLOWED_ORIGINS: v.optional(origins, ''),
  PUBLIC_URL: v.optional(webUrl),
  TRUSTED_PROXIES: v.optional(networks, ''),
  STUN_URLS: v.optional(
    each((item) => /^stuns?:\S+$/.test(item), 'must be stun: or stuns: URLs'),
    '',
  ),
  TURN_URLS: v.optional(
    each((item) => /^turns?:\S+$/.test(item), 'must be turn: or turns: URLs'),
    '',
  ),
  TURN_SECRET: v.optional(v.string()),
  RING_TIMEOUT: v.optional(integer(1, 3600), '30'),
  MEMBERS_URL: v.optional(
    v.pipe(
      url('http', 'https'),
      v.check((value) => value.includes('{id}'), 'must contain {id}, which stands for the group'),
    ),
  ),
  MEMBERS_HEADERS: v.optional(headers, '{}'),
  MEMBERS_MAX_AGE: v.optional(integer(0, 86_400), '60'),
  WEBHOOK_URL: v.optional(webUrl),
  WEBHOOK_SECRET: v.optional(v.string()),
  LOG_LEVEL: v.optional(v.picklist(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`), 'info'),
});

type Settings = v.InferOutput<typeof Environment>;

/**
 * Reads the settings; see the README for each of them. An empty variable counts as not set.
 *
 * @param environment usually `process.env`
 * @throws ConfigError with all that is wrong
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const result = v.safeParse(Environment, set);
  const problems = result.issues?.map((issue) => `${v.getDotPath(issue) ?? ''} ${issue.message}`) ?? [];
  // What does not fit together can be told even when single settings are wrong.
  problems.push(...contradictions(set));
  if (result.success && !isPair(result.output)) problems.push('TLS_KEY is not the key of TLS_CERT');
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  return configOf(result.output);
}

function contradictions(set: Readonly<Record<string, string | undefined>>): string[] {
  const problems: string[] = [];
  const complain = (isWrong: unknown, problem: string) => isWrong && problems.push(problem);
  complain(!set.TLS_CERT !== !set.TLS_KEY, 'TLS_CERT and TLS_KEY must be set together');
  complain(set.JWT_SECRET && set.JWKS_URL, 'JWT_SECRET and JWKS_URL exclude each other');
  const hasKey = set.JWT_SECRET ?? set.JWKS_URL;
  const auth = set.AUTH?.trim() ?? (hasKey ? 'jwt' : 'none');
  complain(auth === 'jwt' && !hasKey, 'AUTH=jwt needs JWT_SECRET or JWKS_URL');
  for (const name of ['JWT_ISSUER', 'JWT_AUDIENCE', 'JWT_ALLOW_NO_EXPIRY']) {
    complain(set[name] && !hasKey, `${name} needs JWT_SECRET or JWKS_URL: without them no token is checked`);
  }
  const hosts = set.HOST?.split(',').map((host) => host.trim()) ?? [];
  complain(
    auth === 'none' && !hosts.every(isLoopback) && !/^(1|true)$/.test(set.ALLOW_ANONYMOUS?.trim() ?? ''),
    `HOST=${set.HOST} would let anybody on the network be anybody: set JWT_SECRET or JWKS_URL, or ALLOW_ANONYMOUS=1`,
  );
  complain(set.TURN_URLS && !set.TURN_SECRET, 'TURN_URLS needs TURN_SECRET');
  complain(set.WEBHOOK_SECRET && !set.WEBHOOK_URL, 'WEBHOOK_SECRET needs WEBHOOK_URL');
  return problems;
}

function isPair({ TLS_CERT: cert, TLS_KEY: key }: Settings): boolean {
  try {
    createSecureContext({ cert, key });
    return true;
  } catch {
    return false;
  }
}

function authOf(settings: Settings): AuthConfig {
  const { AUTH, JWT_SECRET, JWKS_URL } = settings;
  if (AUTH === 'none') return { kind: 'none' };
  const demands = {
    issuer: settings.JWT_ISSUER,
    audience: settings.JWT_AUDIENCE,
    allowsNoExpiry: settings.JWT_ALLOW_NO_EXPIRY,
  };
  if (JWT_SECRET !== undefined) return { kind: 'jwt', secret: JWT_SECRET, ...demands };
  return JWKS_URL ? { kind: 'jwt', jwksUrl: JWKS_URL, ...demands } : { kind: 'none' };
}

function configOf(settings: Settings): Config {
  const auth = authOf(settings);
  const isOpen = auth.kind === 'none';
  const { TLS_CERT: cert, TLS_KEY: key } = settings;
  return {
    port: settings.PORT,
    hosts: settings.HOST ?? (isOpen ? ['127.0.0.1', '::1'] : undefined),
    tls: cert !== undefined && key !== undefined ? { cert, key } : undefined,
    auth,
    allowedOrigins: settings.ALLOWED_ORIGINS,
    publicUrl: settings.PUBLIC_URL,
    trustedProxies: settings.TRUSTED_PROXIES,
    adminToken: settings.ADMIN_TOKEN,
    isDemoOn: isOpen && (settings.DEMO ?? true),
    databaseUrl: settings.DATABASE_URL,
    media: {
      uris: settings.KURENTO_URI,
      workers: settings.MEDIA_WORKERS ?? availableParallelism(),
      ports: settings.MEDIA_PORTS,
      address: settings.MEDIA_ADDRESS,
    },
    ice: {
      stunUrls: settings.STUN_URLS,
      turnUrls: settings.TURN_URLS,
      turnSecret: settings.TURN_SECRET,
    },
    ringTimeoutMs: settings.RING_TIMEOUT * 1000,
    members: {
      url: settings.MEMBERS_URL,
      headers: settings.MEMBERS_HEADERS,
      maxAgeMs: settings.MEMBERS_MAX_AGE * 1000,
    },
    withoutEffect: RESERVED.filter((name) => settings[name] !== undefined),
    logLevel: settings.LOG_LEVEL,
  };
}

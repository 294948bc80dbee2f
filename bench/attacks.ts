import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { ADMIN_TOKEN } from '../testing/server/groups.ts';
import { HealthyClient } from './attacks/healthy-client.ts';
import { percentile, row } from './figures.ts';
import { startProduct } from './product.ts';

const BASELINE_MS = 4_000;
const P99_GOAL_MS = 100;
const WORST_GOAL_MS = 500;

/** What is printed, and the name of the attack in `attacks/attackers.ts`. */
const ATTACKS: Readonly<Record<string, string>> = {
  pongs: 'pongs nobody asked for, from a page that does not read',
  silence: '2,000 sockets of one address that never register',
  candidates: '3 × 900 candidates at once',
  'large-candidates': '900 candidates of 64 kB for an offer that never comes',
  offers: '900 offers at once',
  invitations: '800 × 50 invitations in a group of 3,000',
  'not-reading': 'a participant that does not read',
  strangers: '3 × 900 questions after a room',
  bodies: 'bodies over the limit of the API',
  'write-lock': 'another process that writes to the database',
};

/** Attacks on a server that wants tokens. */
const ATTACKS_ON_TOKENS: Readonly<Record<string, string>> = {
  tokens: 'registrations with false tokens',
  waiting: 'frames that wait for a key that never comes',
};

/** A well-behaved page's ping, while nothing happens and during each attack; and how much memory the server takes. */
export async function attacks(): Promise<void> {
  console.log("\nA well-behaved page's ping during attacks");
  row('', 'idle p99', 'p99', 'worst', 'ratio of p99', 'memory');
  for (const [name, what] of Object.entries(ATTACKS)) {
    await measure(name, what, { ADMIN_TOKEN }, async () => ({ name: 'healthy' }));
  }
  const issuer = await Issuer.start();
  const settings = { JWKS_URL: issuer.url, DEMO: '0', HOST: '127.0.0.1' };
  for (const [name, what] of Object.entries(ATTACKS_ON_TOKENS)) {
    issuer.isHanging = false;
    const register = async () => ({ token: await issuer.token('healthy') });
    await measure(name, what, settings, register, () => (issuer.isHanging = true));
  }
  issuer.close();
  console.log(`  goal: p99 ≤ ${P99_GOAL_MS} ms, worst ≤ ${WORST_GOAL_MS} ms`);
}

async function measure(
  name: string,
  what: string,
  settings: Readonly<Record<string, string>>,
  credentials: () => Promise<object>,
  beforeAttack: () => void = () => undefined,
): Promise<void> {
  const product = await startProduct(settings);
  const client = await HealthyClient.register(product.url, await credentials());
  const idle = await client.measureUntil(new Promise((resolve) => setTimeout(resolve, BASELINE_MS)));
  beforeAttack();
  const before = product.memoryBytes();
  const attacker = fork(
    fileURLToPath(new URL('./attacks/attackers.ts', import.meta.url)),
    [name, product.url, product.database],
    { execArgv: ['--import', 'tsx'] },
  );
  await once(attacker, 'message');
  let most = before;
  const watching = setInterval(() => (most = Math.max(most, product.memoryBytes())), 100);
  const ended = once(attacker, 'exit');
  attacker.send('go');
  const attacked = await client.measureUntil(ended);
  clearInterval(watching);
  client.close();
  await product.close();
  const [idleP99, p99] = [percentile(idle, 99), percentile(attacked, 99)];
  row(
    attacker.exitCode === 0 ? what : `${what} (ended early: see above)`,
    `${idleP99.toFixed(1)} ms`,
    `${p99.toFixed(1)} ms`,
    `${Math.max(...attacked).toFixed(1)} ms`,
    (p99 / idleP99).toFixed(1),
    `+${Math.round((most - before) / 1e6)} MB`,
  );
}

/** Hands out tokens and its public key, until it hangs. */
class Issuer {
  readonly #server: Server;
  readonly #key: CryptoKey;
  isHanging = false;

  private constructor(server: Server, key: CryptoKey) {
    this.#server = server;
    this.#key = key;
  }

  static async start(): Promise<Issuer> {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'known', alg: 'RS256' }] });
    const server = createServer((_, response) => {
      if (issuer.isHanging) return;
      response.setHeader('Content-Type', 'application/json').end(jwks);
    });
    const issuer = new Issuer(server, privateKey);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  token(subject: string): Promise<string> {
    const token = new SignJWT({}).setProtectedHeader({ alg: 'RS256', kid: 'known' });
    return token.setSubject(subject).setExpirationTime('1h').sign(this.#key);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** A TURN server of coturn for the tests: what a browser needs where UDP is blocked. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';

const COMMAND = 'turnserver';
const START_ATTEMPTS = 50;
const START_INTERVAL_MS = 100;

export interface TurnServer {
  readonly url: string;
  readonly secret: string;
  close(): Promise<void>;
}

/** Whether coturn is installed. */
export function hasTurnServer(): boolean {
  return spawnSync(COMMAND, ['--version']).error === undefined;
}

/**
 * Starts a TURN server that browsers reach over TCP, and that relays to this machine.
 * @throws Error it does not start
 */
export async function startTurnServer(): Promise<TurnServer> {
  const port = await freePort();
  const secret = 'secret of the tests';
  const child = spawn(
    COMMAND,
    [
      ...[
        '-n',
        '--no-tls',
        '--no-dtls',
        '--no-cli',
        '--realm=test',
        '--pidfile=/dev/null',
        '--log-file=stdout',
      ],
      ...['--listening-ip=127.0.0.1', `--listening-port=${port}`, `--relay-ip=${ownAddress()}`],
      ...['--use-auth-secret', `--static-auth-secret=${secret}`],
    ],
    { stdio: 'ignore' },
  );
  const close = async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  await untilListening(port, child).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return { url: `turn:127.0.0.1:${port}?transport=tcp`, secret, close };
}

/** The address at which the media server is found: a relay does not reach loopback. */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const own = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (!own) throw new Error('This machine has no IPv4 address that a relay could reach.');
  return own.address;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, START_INTERVAL_MS));
  }
  throw new Error('coturn does not listen.');
}

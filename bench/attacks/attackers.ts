/**
 * Process: `attackers.ts ATTACK URL DATABASE`. Attacks the server for a few seconds and ends; all it sends is
 * bounded in count and time, and goes to loopback.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import Database from 'libsql';
import { admin, ADMIN_TOKEN, makeGroup } from '../../testing/server/groups.ts';
import { openPages, Page } from './page.ts';

const OFFER = readFileSync(new URL('../../testing/server/chromium-offer.sdp', import.meta.url), 'utf8');
/** An address that no other page has; from loopback the server believes it. */
const ATTACKER_ADDRESS = '203.0.113.9';
/** How long what was sent at once is left to have its effect. */
const AFTERMATH_MS = 4_000;

interface Target {
  readonly url: string;
  /** The server's database file. */
  readonly database: string;
}

type Attack = (target: Target) => Promise<void>;

/** Pongs nobody asked for, from a page that does not read what they may be answered with. */
async function pongs({ url }: Target): Promise<void> {
  await begin();
  const page = await Page.open(url);
  page.socket.pause();
  await forMs(4_000, () => {
    for (let sent = 0; sent < 500; sent++) page.socket.pong('-1');
  });
  page.socket.terminate();
}

/** Sockets that never register. */
async function silence({ url }: Target): Promise<void> {
  await begin();
  const pages = await openPages(2_000, () => Page.open(url, ATTACKER_ADDRESS));
  await wait(1_000);
  for (const page of pages) page.socket.terminate();
}

/** Registrations with tokens that are none. */
async function tokens({ url }: Target): Promise<void> {
  await begin();
  await forMs(4_000, async () => {
    const pages = await openPages(20, () => Page.open(url, ATTACKER_ADDRESS));
    for (const page of pages) page.say({ id: 'register', protocol: 2, token: 'e30.e30.e30' });
    await wait(50);
    for (const page of pages) page.socket.terminate();
  });
}

/** Frames that wait for a registration that hangs, because the token's key is asked for. */
async function waiting({ url }: Target): Promise<void> {
  await begin();
  const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'nobody-has-it' })).toString('base64url');
  const pages = await openPages(100, () => Page.open(url, ATTACKER_ADDRESS));
  for (const page of pages) {
    page.say({ id: 'register', protocol: 2, token: `${header}.e30.e30` });
    for (let sent = 0; sent < 20; sent++) page.say({ id: 'call', to: '1', sdpOffer: 'x'.repeat(64_000) });
  }
  await wait(AFTERMATH_MS);
}

/** Candidates at once, by three callers while their calls ring. */
async function candidates({ url }: Target): Promise<void> {
  const callers = await Promise.all([0, 1, 2].map((call) => ringingCall(url, call)));
  await begin();
  for (const { caller, callId } of callers) {
    for (let port = 0; port < 900; port++) {
      const candidate = `candidate:1 1 udp 2122260223 192.0.2.1 ${1_024 + port} typ host`;
      caller.say({ id: 'onIceCandidate', callId, candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 } });
    }
  }
  await wait(AFTERMATH_MS);
}

/** Candidates as large as frames may be, for an offer that never comes. */
async function largeCandidates({ url }: Target): Promise<void> {
  const { caller, callId } = await ringingCall(url, 0);
  await begin();
  for (let sent = 0; sent < 900; sent++) {
    const candidate = `candidate:${sent} ${'x'.repeat(64_000)}`;
    const ofLater = { candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 }, generation: 99 };
    caller.say({ id: 'onIceCandidate', callId, ...ofLater });
  }
  await wait(AFTERMATH_MS);
}

/** Offers at once, each of which replaces the one before. */
async function offers({ url }: Target): Promise<void> {
  const page = await roomOf(url, ['attacker', 'a']);
  await begin();
  for (let generation = 0; generation < 900; generation++) {
    page.say({ id: 'receiveVideoFrom', room: 'room', sender: 'attacker', sdpOffer: OFFER, generation });
  }
  await wait(AFTERMATH_MS);
}

/** A large group whose members are invited over and over. */
async function invitations({ url }: Target): Promise<void> {
  const members = Array.from({ length: 3_000 }, (_, member) => `member-${member}`);
  const page = await roomOf(url, ['attacker', ...members]);
  await begin();
  for (let sent = 0; sent < 800; sent++) {
    page.say({ id: 'invite', room: 'room', to: members.slice((sent % 60) * 50, (sent % 60) * 50 + 50) });
  }
  await wait(AFTERMATH_MS);
}

/** A participant that does not read what the others send. */
async function notReading({ url }: Target): Promise<void> {
  const page = await roomOf(url, ['attacker', 'deaf']);
  const deaf = await Page.register(url, 'deaf');
  deaf.say({ id: 'joinRoom', room: 'room' });
  await deaf.hear('existingParticipants');
  deaf.socket.pause();
  await begin();
  let audio = false;
  await forMs(4_000, () => {
    audio = !audio;
    page.say({ id: 'mediaState', room: 'room', audio, video: true, screen: false });
  });
  deaf.socket.terminate();
}

/** Questions after rooms of which the attacker is no member. */
async function strangers({ url }: Target): Promise<void> {
  await makeGroup({ url }, 'room', ['a', 'b']);
  const pages = await Promise.all([0, 1, 2].map((page) => Page.register(url, `stranger-${page}`)));
  await begin();
  for (const page of pages) for (let sent = 0; sent < 900; sent++) page.say({ id: 'joinRoom', room: 'room' });
  await wait(AFTERMATH_MS);
}

/** Bodies larger than the API takes, with and without the right to send any. */
async function bodies({ url }: Target): Promise<void> {
  const body = JSON.stringify({ groups: [{ id: 'x'.repeat(9 * 1024 * 1024) }] });
  await begin();
  await forMs(4_000, async () => {
    const posts = [`Bearer ${ADMIN_TOKEN}`, 'Bearer wrong'].map((Authorization) =>
      fetch(new URL('/api/import', url), {
        method: 'POST',
        headers: { Authorization, 'Content-Type': 'application/json' },
        body,
      }).then((response) => response.arrayBuffer()),
    );
    await Promise.allSettled(posts);
  });
}

/** Another process that writes to the database, while the API does too. */
async function writeLock({ url, database }: Target): Promise<void> {
  const other = new Database(database, { timeout: 5_000 });
  await begin();
  let isOver = false;
  const holding = forMs(4_000, async () => {
    other.exec('begin immediate');
    await wait(100);
    other.exec('commit');
    await wait(20);
  }).finally(() => (isOver = true));
  for (let group = 0; !isOver; group++) {
    await admin({ url }, `/api/groups/${group}`, { method: 'PUT', body: { name: `group ${group}` } });
  }
  await holding;
  other.close();
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  pongs,
  silence,
  tokens,
  waiting,
  candidates,
  'large-candidates': largeCandidates,
  offers,
  invitations,
  'not-reading': notReading,
  strangers,
  bodies,
  'write-lock': writeLock,
};

async function ringingCall(url: string, call: number): Promise<{ caller: Page; callId: string }> {
  await Page.register(url, `callee-${call}`);
  const caller = await Page.register(url, `caller-${call}`);
  caller.say({ id: 'call', to: `callee-${call}`, sdpOffer: OFFER });
  const { callId } = await caller.hear<{ id: 'callProgress'; callId: string }>('callProgress');
  return { caller, callId };
}

/** The first member of a new group, in the room of its call. */
async function roomOf(url: string, members: readonly [string, ...string[]]): Promise<Page> {
  await makeGroup({ url }, 'room', members);
  const page = await Page.register(url, members[0]);
  page.say({ id: 'call', reqType: 'group', groupId: 'room' });
  await page.hear('callProgress');
  page.say({ id: 'joinRoom', room: 'room' });
  await page.hear('existingParticipants');
  return page;
}

/** Tells the parent that the preparations are over, and waits until it measures. */
async function begin(): Promise<void> {
  const begun = once(process, 'message');
  process.send?.('ready');
  await begun;
}

/** Repeats an act for so long, giving way between two of them. */
async function forMs(durationMs: number, act: () => Promise<void> | void): Promise<void> {
  for (const end = performance.now() + durationMs; performance.now() < end;) {
    await act();
    await wait(1);
  }
}

function wait(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

const [, , name = '', url = '', database = ''] = process.argv;
const attack = ATTACKS[name];
if (!attack) throw new Error(`There is no attack "${name}"`);
await attack({ url, database });
process.exit(0);

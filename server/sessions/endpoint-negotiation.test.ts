import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import type { Candidate } from '../../protocol/index.ts';
import { CandidateQueue } from './candidate-queue.ts';
import { CANDIDATES_MAX, WAITING_CANDIDATES_MAX_LENGTH } from './limits.ts';
import { EndpointNegotiation, type FoundCandidate } from './endpoint-negotiation.ts';
import type { MediaEndpoint } from './media.ts';
import type { EndpointId } from './session-state.ts';

/** An endpoint that answers when the test lets it. */
class TestEndpoint extends EventEmitter<{ candidate: [Candidate] }> implements MediaEndpoint {
  readonly added: string[] = [];
  answer: (sdpAnswer: string) => void = () => undefined;
  refuse: (error: Error) => void = () => undefined;
  sdpOffer: string | undefined;
  isReleased = false;

  async negotiate(sdpOffer: string): Promise<string> {
    this.sdpOffer = sdpOffer;
    return new Promise((resolve, reject) => {
      this.answer = resolve;
      this.refuse = reject;
    });
  }

  addCandidate({ candidate }: Candidate): void {
    this.added.push(candidate);
  }

  async connect(): Promise<void> {}
  async disconnect(): Promise<void> {}

  release(): void {
    this.isReleased = true;
  }
}

let made: TestEndpoint[];
let answers: [number, string][];
let failures: number[];
let found: FoundCandidate[];
let negotiation: EndpointNegotiation<EndpointId>;

beforeEach(() => {
  made = [];
  answers = [];
  failures = [];
  found = [];
  const pipeline = {
    on: () => undefined,
    release: () => undefined,
    createEndpoint: async () => {
      const endpoint = new TestEndpoint();
      made.push(endpoint);
      return endpoint;
    },
  };
  negotiation = new EndpointNegotiation({ connectionId: 'page' }, Promise.resolve(pipeline), {
    onEvent: (event) => {
      if (event.type === 'negotiated') answers.push([event.attempt, event.sdpAnswer]);
      if (event.type === 'not-negotiated') failures.push(event.attempt);
    },
    onError: () => undefined,
    onCandidate: (_id, candidate) => found.push(candidate),
  });
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
const host = (port: number): Candidate => ({
  candidate: `candidate:1 1 udp 2122260223 192.0.2.1 ${port} typ host`,
  sdpMid: '0',
});

async function offer(attempt: number, generation = attempt): Promise<void> {
  negotiation.offer({ attempt, generation, sdpOffer: `offer ${attempt}` });
  await settled();
}

async function answer(index: number): Promise<TestEndpoint> {
  const endpoint = made[index] as TestEndpoint;
  endpoint.answer(`answer ${index}`);
  await settled();
  return endpoint;
}

test('one offer is negotiated at a time and the newest waits: nothing is made for those between', async () => {
  for (const attempt of [1, 2, 3, 900]) await offer(attempt);
  expect(made.map(({ sdpOffer }) => sdpOffer)).toEqual(['offer 1']);
  await answer(0);
  expect(made.map(({ sdpOffer }) => sdpOffer)).toEqual(['offer 1', 'offer 900']);
  await answer(1);
  expect(answers).toEqual([[900, 'answer 1']]);
  expect(made.map(({ isReleased }) => isReleased)).toEqual([true, false]);
});

test('what there is stays until the new endpoint is ready, or if it never is', async () => {
  await offer(1);
  const first = await answer(0);
  await offer(2);
  expect(first.isReleased).toBe(false);
  made[1]?.refuse(new Error('bad sdp'));
  await settled();
  expect(failures).toEqual([2]);
  expect([first.isReleased, made[1]?.isReleased, negotiation.endpoint]).toEqual([false, true, first]);
  await offer(3);
  await answer(2);
  expect([first.isReleased, negotiation.endpoint]).toEqual([true, made[2]]);
});

test('nothing is left of what was still being made at the end', async () => {
  await offer(1);
  await offer(2);
  negotiation.release();
  await answer(0);
  expect(made.map(({ isReleased }) => isReleased)).toEqual([true]);
  expect([answers, failures]).toEqual([[], []]);
});

test('candidates wait for their offer and its endpoint, and follow in their order', async () => {
  negotiation.addCandidate(1, host(1));
  await offer(1);
  negotiation.addCandidate(1, host(2));
  negotiation.addCandidate(2, host(9));
  negotiation.addCandidate(0, host(8));
  const first = await answer(0);
  expect(first.added).toEqual([host(1), host(2)].map(({ candidate }) => candidate));
  await offer(2);
  negotiation.addCandidate(1, host(3));
  expect((await answer(1)).added).toEqual([host(9).candidate]);
  expect(first.added).toHaveLength(2);
});

test('candidates of an offer that another one of its generation replaced go to neither', async () => {
  await offer(1, 0);
  negotiation.addCandidate(0, host(1));
  await offer(2, 0);
  negotiation.addCandidate(0, host(2));
  expect((await answer(0)).added).toEqual([]);
  expect((await answer(1)).added).toEqual([host(2).candidate]);
});

test('the media server’s candidates wait until the page has the answer, and end with their endpoint', async () => {
  await offer(1);
  const first = await answer(0);
  first.emit('candidate', host(1));
  expect(found).toEqual([]);
  negotiation.forwardCandidates();
  first.emit('candidate', host(2));
  expect(found).toEqual([
    { candidate: host(1), generation: 1 },
    { candidate: host(2), generation: 1 },
  ]);
  await offer(2);
  await answer(1);
  first.emit('candidate', host(3));
  expect(found).toHaveLength(2);
});

test('a flood of candidates is at most 128 requests for each offer', async () => {
  await offer(1);
  const { added } = await answer(0);
  for (let port = 1; port <= 900; port += 1) negotiation.addCandidate(1, host(port));
  expect(added).toEqual(Array.from({ length: CANDIDATES_MAX }, (_, index) => host(index + 1).candidate));
  await offer(2);
  const second = await answer(1);
  negotiation.addCandidate(2, host(1));
  expect(second.added).toHaveLength(1);
});

test('what a media server cannot use, and what it has already, is not passed on and does not count', () => {
  const queue = new CandidateQueue();
  const useless = [
    '',
    'candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active',
    'candidate:1 1 udp 2122260223 0f0f6f1c-7b0c-4e0e-9b1a-1d2c3b4a5968.local 5000 typ host',
  ];
  for (let round = 0; round < 200; round += 1) {
    for (const candidate of useless) queue.push(0, { candidate, sdpMid: '0' });
    queue.push(0, host(1));
  }
  queue.push(0, { ...host(1), sdpMid: '1' });
  expect([queue.shift(0), queue.shift(0), queue.shift(0)]).toEqual([
    host(1),
    { ...host(1), sdpMid: '1' },
    undefined,
  ]);
});

test('whatever a page sends, what waits stays within its bounds', () => {
  const candidate = fc.record({
    generation: fc.nat(5),
    port: fc.nat(500),
    padding: fc.constantFrom(0, 100, 1_000, 60_000),
  });
  fc.assert(
    fc.property(fc.array(candidate, { maxLength: 400, size: 'max' }), (candidates) => {
      const queue = new CandidateQueue();
      for (const { generation, port, padding } of candidates) {
        queue.push(generation, { ...host(port), sdpMid: 'x'.repeat(padding) });
      }
      const waiting = [0, 1, 2, 3, 4, 5].flatMap((generation) => {
        const taken: Candidate[] = [];
        for (let next = queue.shift(generation); next; next = queue.shift(generation)) taken.push(next);
        return taken;
      });
      const length = waiting.reduce(
        (sum, each) => sum + each.candidate.length + (each.sdpMid?.length ?? 0),
        0,
      );
      expect(length).toBeLessThanOrEqual(WAITING_CANDIDATES_MAX_LENGTH);
      expect(waiting.length).toBeLessThanOrEqual(CANDIDATES_MAX);
    }),
    { numRuns: 100 },
  );
});

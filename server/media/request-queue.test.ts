import { expect, test } from 'vitest';
import { RequestQueue } from './request-queue.ts';

/** Requests that are answered when the test says so. */
function scripted(queue: RequestQueue) {
  const started: number[] = [];
  const answers: (() => void)[] = [];
  const run = (name: number) =>
    queue.run(() => {
      started.push(name);
      return new Promise<number>((resolve) => answers.push(() => resolve(name)));
    });
  const answerNext = async () => {
    answers.shift()?.();
    await new Promise(setImmediate);
  };
  return { started, run, answerNext };
}

test('a request that finds room starts at once; the others follow in order, one for each answer', async () => {
  const queue = new RequestQueue({ inFlightMax: 2, waitingMax: 10 });
  const { started, run, answerNext } = scripted(queue);
  const all = Promise.all([1, 2, 3, 4].map(run));
  expect(started).toEqual([1, 2]);
  await answerNext();
  expect(started).toEqual([1, 2, 3]);
  expect(queue.waiting).toBe(1);
  for (let left = 0; left < 3; left += 1) await answerNext();
  expect(await all).toEqual([1, 2, 3, 4]);
});

test('a request that fails makes room too', async () => {
  const queue = new RequestQueue({ inFlightMax: 1, waitingMax: 10 });
  const failing = queue.run(() => Promise.reject(new Error('refused')));
  const next = queue.run(async () => 'done');
  await expect(failing).rejects.toThrow('refused');
  expect(await next).toBe('done');
});

test('more than may wait are refused, and nothing starts once it is closed', async () => {
  const queue = new RequestQueue({ inFlightMax: 1, waitingMax: 1 });
  const { started, run, answerNext } = scripted(queue);
  const running = run(1);
  const waiting = run(2);
  await expect(run(3)).rejects.toMatchObject({ code: 'media-failed' });
  queue.close();
  await expect(waiting).rejects.toMatchObject({ code: 'media-failed' });
  await expect(run(4)).rejects.toMatchObject({ code: 'media-failed' });
  await answerNext();
  expect(await running).toBe(1);
  expect(started).toEqual([1]);
});

import { beforeEach, describe, expect, it } from 'vitest';
import type { ObjectModel, RemoteObject } from './object-model.ts';
import { Sessions } from './sessions.ts';

const pipeline: RemoteObject = {
  id: 'p',
  type: 'MediaPipeline',
  hierarchy: [],
  parent: null,
  children: [],
  supportsEvent: () => false,
  invoke: () => null,
};

let released: string[];
let sessions: Sessions;

beforeEach(() => {
  released = [];
  const model: ObjectModel = {
    create: () => pipeline,
    get: () => pipeline,
    find: () => pipeline,
    release: ({ id }) => released.push(id),
  };
  sessions = new Sessions(model, () => undefined);
  sessions.ref('s', pipeline);
});

const nobody = (): boolean => false;
const everybody = (): boolean => true;

describe('the collection of sessions', () => {
  it('ends a session without a connection with the second pass, not the first', () => {
    sessions.collect(nobody);
    expect(sessions.has('s')).toBe(true);
    sessions.collect(nobody);
    expect(sessions.has('s')).toBe(false);
    expect(released).toEqual(['p']);
  });

  it.each<[use: string, () => void]>([
    ['a sign of life', () => sessions.keepAlive('s')],
    ['the use of an object', () => sessions.ref('s', pipeline)],
  ])('begins anew with %s', (_use, use) => {
    sessions.collect(nobody);
    use();
    sessions.collect(nobody);
    expect(sessions.has('s')).toBe(true);
    expect(released).toEqual([]);
  });

  it('spares a connected session for ever', () => {
    for (let pass = 0; pass < 5; pass++) sessions.collect(everybody);
    expect(sessions.has('s')).toBe(true);
    sessions.collect(nobody);
    expect(sessions.has('s')).toBe(false);
  });
});

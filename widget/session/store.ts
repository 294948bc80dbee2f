import { guarded } from './guarded.ts';

/** A value that can be watched. */
export interface Store<T> {
  get(): T;
  /** @returns stops watching */
  subscribe(listener: (value: T) => void): () => void;
}

/** A store that its owner can write. */
export interface WritableStore<T> extends Store<T> {
  set(value: T): void;
}

/** Makes a store; listeners hear of later values only. */
export function createStore<T>(initial: T): WritableStore<T> {
  const listeners = new Set<(value: T) => void>();
  let current = initial;
  return {
    get: () => current,
    set(value) {
      if (Object.is(value, current)) return;
      current = value;
      for (const listener of [...listeners]) guarded(() => listener(value));
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

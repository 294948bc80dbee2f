import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TICK_MS, Ticker } from './ticker.ts';

let nowMs = 0;

/** Lets ticks come late by so much each. */
function tickLate(...lagsMs: number[]): void {
  for (const lagMs of lagsMs) {
    nowMs += TICK_MS + lagMs;
    vi.advanceTimersByTime(TICK_MS);
  }
}

beforeEach(() => {
  nowMs = 0;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function started(): Ticker {
  const ticker = new Ticker();
  ticker.subscribe(() => undefined);
  return ticker;
}

describe('a ticker', () => {
  it('sees overload in three late ticks in a row, and its end in one that is in time', () => {
    const ticker = started();
    tickLate(60, 60);
    expect(ticker.overloaded).toBe(false);
    tickLate(60);
    expect(ticker.overloaded).toBe(true);
    tickLate(30);
    expect(ticker.overloaded).toBe(true);
    tickLate(10);
    expect(ticker.overloaded).toBe(false);
  });

  it('takes single late ticks for the operating system’s', () => {
    const ticker = started();
    tickLate(500, 500, 0, 500, 500, 0);
    expect(ticker.overloaded).toBe(false);
  });

  it('is not overloaded any more when nobody listens', () => {
    const ticker = new Ticker();
    const stop = ticker.subscribe(() => undefined);
    tickLate(90, 90, 90);
    expect(ticker.overloaded).toBe(true);
    stop();
    expect(ticker.overloaded).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CALL_PACE, Heartbeat, IDLE_PACE, SUSPICION_TIMEOUT_MS } from './heartbeat.ts';

describe('Heartbeat', () => {
  const ping = vi.fn();
  const dead = vi.fn();
  let heartbeat: Heartbeat;

  beforeEach(() => {
    vi.useFakeTimers();
    heartbeat = new Heartbeat(ping, dead);
  });

  afterEach(() => {
    heartbeat.stop();
    vi.useRealTimers();
    vi.clearAllMocks();
  });

  it('finds silence within five seconds during a call', () => {
    heartbeat.start(CALL_PACE);
    vi.advanceTimersByTime(5_000);
    expect(ping).toHaveBeenCalledTimes(1);
    expect(dead).toHaveBeenCalledTimes(1);
  });

  it('takes every frame for a sign of life', () => {
    heartbeat.start(CALL_PACE);
    for (let second = 0; second < 60; second++) {
      vi.advanceTimersByTime(1_500);
      heartbeat.alive();
    }
    expect(ping).not.toHaveBeenCalled();
    expect(dead).not.toHaveBeenCalled();
  });

  it('asks at once when in doubt, even without a call', () => {
    heartbeat.start(IDLE_PACE);
    heartbeat.suspect();
    expect(ping).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(SUSPICION_TIMEOUT_MS);
    expect(dead).toHaveBeenCalledTimes(1);
  });

  it('says nothing once stopped', () => {
    heartbeat.start(CALL_PACE);
    heartbeat.stop();
    vi.advanceTimersByTime(60_000);
    expect(ping).not.toHaveBeenCalled();
    expect(dead).not.toHaveBeenCalled();
  });
});

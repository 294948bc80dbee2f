import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { chromeLikeOffer, TEST_TRANSPORT } from '../../testing/media-server/chrome-like-offer.ts';
import { TestBrowser } from '../../testing/media-server/test-browser.ts';
import { NodeDataChannelTransport } from '../transport/node-datachannel-transport.ts';

let browser: TestBrowser;
afterEach(() => browser.close());

describe('candidates of a browser', () => {
  const candidate = (port: number) => ({
    candidate: `candidate:1 1 UDP 1 127.0.0.1 ${port} typ host`,
    sdpMid: '0',
    sdpMLineIndex: 0,
  });

  it('are passed on once each, 200 at most, before and after the offer', () => {
    browser = new TestBrowser();
    const { endpoint } = browser;
    const passedOn = vi.spyOn(NodeDataChannelTransport.prototype, 'addCandidate');
    for (let i = 0; i < 100; i++) endpoint.addIceCandidate(candidate(1_000 + (i % 50)));
    endpoint.processOffer(chromeLikeOffer(TEST_TRANSPORT));
    expect(passedOn).toHaveBeenCalledTimes(50);
    for (let i = 0; i < 1_000; i++) endpoint.addIceCandidate(candidate(1_000 + i));
    expect(passedOn).toHaveBeenCalledTimes(200);
    passedOn.mockRestore();
  });
});

describe('an announced address', () => {
  it('replaces the host’s own in candidates, each address once', async () => {
    browser = new TestBrowser({}, { announcedAddress: '203.0.113.9' });
    const told: string[] = [];
    const done = once(browser.endpoint, 'gatheringDone');
    browser.endpoint.on('candidate', ({ candidate }) => told.push(candidate));
    browser.negotiate();
    await done;
    expect(told).toHaveLength(2);
    for (const candidate of told) expect(candidate).toContain(' 203.0.113.9 ');
  });
});

/** What really arrives at a page: pictures that change and sound that has energy. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** How long to wait for what must come; generous, for machines that are busy. */
export const WAIT = { timeout: 30_000 };

/** What the init script leaves in the page. */
interface WatchedWindow {
  watchedPeers: RTCPeerConnection[];
}

/** Sums over all that a page receives at the moment. */
export interface Received {
  readonly framesDecoded: number;
  readonly audioEnergy: number;
}

/** What the network of a page lets through. */
export interface NetworkOptions {
  /** Only what goes by way of a TURN server, as where UDP is blocked. */
  readonly onlyRelay?: boolean;
}

/** Makes the page remember its peer connections; before it is loaded. */
export async function watchMedia(page: Page, { onlyRelay = false }: NetworkOptions = {}): Promise<void> {
  await page.addInitScript(
    (iceTransportPolicy) => {
      const watched = window as unknown as WatchedWindow;
      watched.watchedPeers = [];
      window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
        construct(target, [configuration]: [RTCConfiguration?]) {
          const peer = new target({ ...configuration, iceTransportPolicy });
          watched.watchedPeers.push(peer);
          return peer;
        },
      });
    },
    onlyRelay ? ('relay' as const) : ('all' as const),
  );
}

/** @returns by which protocol each open connection of the page reaches its TURN server; nothing for a direct one */
export function relayedOver(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const protocols: string[] = [];
    for (const peer of (window as unknown as WatchedWindow).watchedPeers) {
      if (peer.connectionState === 'closed') continue;
      const reports = await peer.getStats();
      for (const report of reports.values()) {
        if (report.type !== 'candidate-pair' || !report.nominated) continue;
        const { relayProtocol } = reports.get(report.localCandidateId);
        if (relayProtocol) protocols.push(relayProtocol);
      }
    }
    return protocols;
  });
}

/** @returns how many of the page's peer connections are open */
export function openPeers(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { watchedPeers } = window as unknown as WatchedWindow;
    return watchedPeers.filter((peer) => peer.connectionState !== 'closed').length;
  });
}

/** Reads W3C WebRTC statistics of the page's open peer connections. */
export function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    let framesDecoded = 0;
    let audioEnergy = 0;
    for (const peer of (window as unknown as WatchedWindow).watchedPeers) {
      if (peer.connectionState === 'closed') continue;
      for (const report of (await peer.getStats()).values()) {
        if (report.type !== 'inbound-rtp') continue;
        framesDecoded += report.framesDecoded ?? 0;
        audioEnergy += report.totalAudioEnergy ?? 0;
      }
    }
    return { framesDecoded, audioEnergy };
  });
}

/** A coarse picture of what a video element shows: 16 × 9 pixels. */
function look(video: Locator): Promise<number[]> {
  return video.evaluate((element) => {
    const video = element as HTMLVideoElement;
    const canvas = document.createElement('canvas');
    canvas.width = 16;
    canvas.height = 9;
    const context = canvas.getContext('2d');
    if (context === null || video.videoWidth === 0) return [];
    context.drawImage(video, 0, 0, 16, 9);
    return [...context.getImageData(0, 0, 16, 9).data];
  });
}

/** Waits until the element shows a picture, and then another one. */
async function untilMoves(video: Locator): Promise<void> {
  let first: number[] = [];
  const poll = { ...WAIT, interval: 100 };
  await expect.poll(async () => (first = await look(video)).some((value) => value !== 0), poll).toBe(true);
  const differs = async () =>
    (await look(video)).some((value, index) => Math.abs(value - (first[index] ?? 0)) > 20);
  await expect.poll(differs, poll).toBe(true);
}

/** Waits until the picture of a call between two moves. */
export async function untilPictureMoves(page: Page, part: 'remote-video' | 'local-video' = 'remote-video') {
  await untilMoves(page.locator(`video-call [part~="${part}"]`));
}

/** Waits until a group's call shows these users, oneself among them and nobody else, and each of them moves. */
export async function untilTilesMove(page: Page, names: readonly string[]): Promise<void> {
  const tiles = page.locator('video-call [part~="tile"]');
  const shown = () => tiles.evaluateAll((all) => all.map((tile) => tile.getAttribute('data-name')).sort());
  await expect.poll(shown, WAIT).toEqual([...names].sort());
  for (const name of names) {
    await untilMoves(page.locator(`video-call [part~="tile"][data-name="${name}"] video`));
  }
}

/** The energy of every sound that arrives, by its connection. */
function voices(page: Page): Promise<Record<string, number>> {
  return page.evaluate(async () => {
    const energies: Record<string, number> = {};
    for (const [index, peer] of (window as unknown as WatchedWindow).watchedPeers.entries()) {
      if (peer.connectionState === 'closed') continue;
      for (const report of (await peer.getStats()).values()) {
        if (report.type === 'inbound-rtp' && report.kind === 'audio') {
          energies[`${index} ${report.ssrc}`] = report.totalAudioEnergy ?? 0;
        }
      }
    }
    return energies;
  });
}

/** Waits until sound that is not silence arrives of each of so many others. */
export async function untilVoicesArrive(page: Page, count: number): Promise<void> {
  const before = await voices(page);
  const heard = async () =>
    Object.entries(await voices(page)).filter(([voice, energy]) => energy - (before[voice] ?? 0) > 0.0001);
  await expect.poll(heard, WAIT).toHaveLength(count);
}

/** Waits until sound arrives that is not silence; the fake microphone beeps once a second. */
export async function untilSoundArrives(page: Page): Promise<void> {
  const before = (await received(page)).audioEnergy;
  await expect.poll(async () => (await received(page)).audioEnergy - before, WAIT).toBeGreaterThan(0.0001);
}

/** Calls from networks that block UDP: everything goes through a TURN server, over TCP. */
import { expect, test } from 'vitest';
import { launchBrowser } from '../testing/browser/browser.ts';
import { relayedOver, untilPictureMoves, untilSoundArrives, WAIT } from '../testing/browser/media.ts';
import { ChatPage } from '../testing/browser/pages.ts';
import { startTestServer } from '../testing/server/start-test-server.ts';
import { hasTurnServer, startTurnServer } from '../testing/browser/turn.ts';

const YI = { type: 'friend', id: 2 } as const;

const isPossible = hasTurnServer();
if (!isPossible)
  process.stderr.write('TURN NOT TESTED: coturn is not installed (Debian: apt-get install coturn)\n');

test('in CI the calls over TURN are tested', () => {
  expect(isPossible || process.env['REQUIRE_TURN'] !== '1').toBe(true);
});

test.skipIf(!isPossible)('two people who reach nothing but a relay see and hear each other', async () => {
  const turn = await startTurnServer();
  const server = await startTestServer({ DEMO: '1', TURN_URLS: turn.url, TURN_SECRET: turn.secret });
  const browser = await launchBrowser();
  try {
    const open = (user: number) => ChatPage.demo(browser, server.origin, user, { onlyRelay: true });
    const [jia, yi] = await Promise.all([open(1), open(2)]);
    await jia.call(YI);
    await yi.accept();
    await Promise.all([untilPictureMoves(jia.page), untilPictureMoves(yi.page)]);
    await Promise.all([untilSoundArrives(jia.page), untilSoundArrives(yi.page)]);
    expect(await relayedOver(jia.page)).toEqual(['tcp']);
    expect(await relayedOver(yi.page)).toEqual(['tcp']);
    // The first connection came about: none had to be made again.
    expect([...jia.sent('offer'), ...yi.sent('offer')]).toEqual([]);
    await jia.hangUp();
    await expect.poll(() => server.pipelines(), WAIT).toBe(0);
  } finally {
    await browser.close();
    await server.close();
    await turn.close();
  }
});

import type { MediaPool } from '../../server/sessions/media.ts';

/** A media plane that always answers, for tests that are not about media. */
export const STAND_IN_POOL: MediaPool = {
  available: true,
  whenReady: async () => true,
  createPipeline: async () => ({
    on: () => undefined,
    release: () => undefined,
    createEndpoint: async () => ({
      on: () => undefined,
      negotiate: async () => 'v=0',
      addCandidate: () => undefined,
      connect: async () => undefined,
      disconnect: async () => undefined,
      release: () => undefined,
    }),
  }),
};

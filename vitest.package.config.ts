import { defineConfig } from 'vitest/config';

/** `npm run test:package`: packs and installs, which takes long and needs the registry. */
export default defineConfig({
  test: {
    name: 'package',
    include: ['test/package/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});

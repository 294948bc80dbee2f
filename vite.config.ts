import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

const standIn = (name: string): string =>
  fileURLToPath(new URL(`widget/media/stand-ins/${name}.cjs`, import.meta.url));

/** What kurento-utils requires but does not need here; together they outweigh it. */
const STAND_INS = {
  freeice: standIn('freeice'),
  hark: standIn('hark'),
  'kurento-browser-extensions': standIn('kurento-browser-extensions'),
  'sdp-translator': standIn('sdp-translator'),
  'ua-parser-js': standIn('ua-parser-js'),
  'uuid/v4': standIn('uuid-v4'),
};

export default defineConfig({
  // Every component is a `script setup`; the options API would only add weight.
  plugins: [vue({ features: { optionsAPI: false } })],
  resolve: { alias: STAND_INS },
});

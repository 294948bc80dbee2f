import { relative } from 'node:path/posix';
import js from '@eslint/js';
import globals from 'globals';
import prettier from 'eslint-config-prettier';
import ts from 'typescript-eslint';
import vue from 'eslint-plugin-vue';

const ARROWS = 'See ARCHITECTURE.md: arrows point one way.';

/** Imports that would turn one of the architecture's arrows around. */
const forbid = (...group) => ({
  'no-restricted-imports': ['error', { patterns: [{ group, message: ARROWS }] }],
});

/** Which folders of the media server each of its folders may import; only `transport` opens sockets for media. */
const MEDIA_SERVER_IMPORTS = {
  sdp: [],
  rtcp: [],
  bandwidth: [],
  forwarding: ['sdp', 'rtcp', 'bandwidth'],
  transport: ['sdp'],
  endpoint: ['sdp', 'rtcp', 'bandwidth', 'forwarding', 'transport'],
  'kurento/rpc': [],
  'kurento/objects': ['kurento/rpc', 'endpoint'],
};
const SOCKETS = ['node:dgram', 'node:net', 'node:http', 'node-datachannel', 'ws'];

const mediaServerArrows = [
  {
    files: ['media-server/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: forbid('**/server/**', '**/widget/**', '**/protocol/**', '**/testing/**'),
  },
  ...Object.entries(MEDIA_SERVER_IMPORTS).map(([folder, allowed]) => {
    const prefixes = allowed.map((name) => relative(folder, name).replaceAll('.', '\\.'));
    const elsewhere = `^(?!(?:${prefixes.join('|') || '$'})/)\\.\\./`;
    const patterns = [{ regex: elsewhere, message: ARROWS }];
    if (folder !== 'transport') patterns.push({ group: SOCKETS, message: ARROWS });
    return {
      files: [`media-server/${folder}/*.ts`],
      ignores: ['**/*.test.ts'],
      rules: { 'no-restricted-imports': ['error', { patterns }] },
    };
  }),
];

/** Pino writes out an error under `err` only; under any other name it logs `{}`. */
const LOGGER_CALL =
  'CallExpression[callee.property.name=/^(trace|debug|info|warn|error|fatal)$/]' +
  ':matches([callee.object.name=/logger$/i], [callee.object.property.name=/logger$/i])';
const loggedErrors = [
  "> ObjectExpression > Property:matches([key.name='error'], [key.value='error'])",
  "> ObjectExpression > Property[key.name!='err']:matches([value.name='error'], [value.property.name='cause'])",
  "> Identifier[name='error']",
].map((argument) => ({
  selector: `${LOGGER_CALL} ${argument}`,
  message: "Log an error as `err`: logger.warn({ err: error }, 'what failed').",
}));

/** What only `server/store` imports. */
const SQL = ['kysely', 'libsql', 'pg', 'mysql2', 'mysql2/*'];

/** What nothing below the sockets of the server imports. */
const ABOVE_SESSIONS = [
  '**/signaling/**',
  '**/http/**',
  'koa',
  'koa-*',
  '@koa/*',
  ...SQL,
  '**/widget/**',
  '**/media-server/**',
];

export default ts.config(
  { ignores: ['dist/', 'dist.*/', 'data/', 'coverage/', 'test/fixtures/', '**/node_modules/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...vue.configs['flat/recommended'],
  {
    languageOptions: { globals: { ...globals.node } },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...loggedErrors],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    files: ['widget/**', 'demo/page/**'],
    languageOptions: { globals: { ...globals.browser } },
    rules: { 'vue/multi-word-component-names': 'off', 'vue/require-default-prop': 'off' },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs' },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  { files: ['bin/**', 'scripts/**', 'bench/**', 'demo/server/**'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**', 'testing/browser/**', 'bench/**'],
    languageOptions: { globals: { ...globals.browser } },
  },
  { files: ['protocol/**/*.ts'], rules: forbid('../**') },
  {
    files: ['widget/**'],
    ignores: ['**/*.test.ts'],
    rules: forbid('**/server/**', '**/media-server/**', 'node:*'),
  },
  ...Object.entries({
    session: ['**/call/**', '**/room/**'],
    call: ['**/room/**'],
    room: ['**/call/**'],
  }).map(([folder, others]) => ({
    files: [`widget/${folder}/**`],
    ignores: ['**/*.test.ts'],
    rules: forbid(...others, '**/components/**', '**/server/**', '**/media-server/**', 'node:*'),
  })),
  ...mediaServerArrows,
  {
    files: ['server/{sessions,calls,rooms,groups,media,cluster,auth}/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: forbid(...ABOVE_SESSIONS),
  },
  // A call and a room know nothing of each other, and what they share knows neither.
  ...[
    ['sessions', '../calls/**', '../rooms/**'],
    ['calls', '../rooms/**'],
    ['rooms', '../calls/**'],
  ].map(([folder, ...others]) => ({
    files: [`server/${folder}/**/*.ts`],
    ignores: ['**/*.test.ts'],
    rules: forbid(...ABOVE_SESSIONS, ...others),
  })),
  { files: ['server/{http,signaling}/**/*.ts'], ignores: ['**/*.test.ts'], rules: forbid(...SQL) },
  {
    files: ['server/store/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: forbid(
      '../*.ts',
      '../*/**',
      '!../../**',
      '**/server/**',
      'koa',
      'koa-*',
      '@koa/*',
      '**/widget/**',
      '**/media-server/**',
    ),
  },
  prettier,
);

import js from '@eslint/js';
import globals from 'globals';
import prettier from 'eslint-config-prettier';
import ts from 'typescript-eslint';
import vue from 'eslint-plugin-vue';

/** Imports that would turn one of the architecture's arrows around. */
const forbid = (...group) => ({
  'no-restricted-imports': [
    'error',
    { patterns: [{ group, message: 'See ARCHITECTURE.md: arrows point one way.' }] },
  ],
});

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
  {
    files: ['media-server/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: forbid(
      '**/server/**',
      '!./**',
      '!../rpc/**',
      '!../rtp/**',
      '!../objects/**',
      '**/widget/**',
      '**/protocol/**',
    ),
  },
  {
    files: ['server/{calls,rooms,groups,media,cluster,auth}/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: forbid(
      '**/signaling/**',
      '**/http/**',
      'koa',
      'koa-*',
      '@koa/*',
      ...SQL,
      '**/widget/**',
      '**/media-server/**',
    ),
  },
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

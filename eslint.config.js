import js from '@eslint/js';
import globals from 'globals';
import prettier from 'eslint-config-prettier';
import ts from 'typescript-eslint';
import vue from 'eslint-plugin-vue';
import vitest from '@vitest/eslint-plugin';
import { arrows } from './scripts/lint/arrows.js';

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
  {
    files: ['{protocol,widget,server,media-server,demo}/**/*.{ts,vue}'],
    ignores: ['**/*.test.ts'],
    plugins: { arrows },
    rules: { 'arrows/one-way': 'error' },
  },
  {
    files: ['**/*.test.ts'],
    plugins: { vitest },
    rules: { 'vitest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*', 'assert*'] }] },
  },
  prettier,
);

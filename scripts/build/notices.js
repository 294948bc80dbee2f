import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;
const IS_LICENCE = /^(licen[cs]e|copying|notice)/i;

/**
 * Writes the licences and notices of the packages of which something was bundled.
 * @param {string} file where to
 * @param {readonly string[]} moduleIds the files that were bundled
 */
export function writeNotices(file, moduleIds) {
  const folders = new Set(moduleIds.flatMap((id) => PACKAGE.exec(id.replace(/^\0/, ''))?.[1] ?? []));
  const notices = [...folders].map(noticeOf).sort((a, b) => a.title.localeCompare(b.title));
  const sections = notices.map(({ title, text }) => `## ${title}\n\n${text}\n`);
  writeFileSync(file, ['# Packages that are part of this build\n', ...sections].join('\n'));
}

function noticeOf(folder) {
  const { name, version, license, author, homepage } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const texts = readdirSync(folder)
    .filter((entry) => IS_LICENCE.test(entry))
    .map((entry) => readFileSync(join(folder, entry), 'utf8').trim());
  const by = typeof author === 'object' ? author.name : author;
  const lines = [`Licence: ${license}`, by && `Author: ${by}`, homepage && `Home: ${homepage}`];
  return {
    title: `${name} ${version}`,
    text: [lines.filter(Boolean).join('  \n'), ...texts.map(quoted)].join('\n\n'),
  };
}

function quoted(text) {
  return `\`\`\`text\n${text.replaceAll('```', "'''")}\n\`\`\``;
}

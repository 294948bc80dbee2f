/**
 * The arrows of ARCHITECTURE.md, and the lint rule that fails on an import against one of them: the drawing is the
 * rule. Tests and what only helps them may import anything.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const IMPORTING = ['ImportDeclaration', 'ImportExpression', 'ExportNamedDeclaration', 'ExportAllDeclaration'];

/**
 * Reads the two blocks of the page: ```arrows (`place → places that it may import`) and ```packages
 * (`packages ← the only places that may import them`).
 */
export function readArchitecture(page) {
  const lines = (name) =>
    (new RegExp(`^\`\`\`${name}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(page)?.[1] ?? '')
      .split('\n')
      .filter(Boolean);
  const words = (text = '') => text.trim().split(/\s+/).filter(Boolean);
  const split = (line, arrow) => line.split(arrow).map((side) => words(side));
  return {
    arrows: new Map(
      lines('arrows').map((line) => {
        const [[place], targets = []] = split(line, '→');
        return [place, targets];
      }),
    ),
    packages: lines('packages').map((line) => {
      const [names, places = []] = split(line, '←');
      return { names, places };
    }),
  };
}

/** The most particular place of a file (a path from the root, with `/`) among those that are drawn. */
export function placeOf(file, { arrows }) {
  const places = [...arrows.keys()].filter((place) => file === place || file.startsWith(`${place}/`));
  return places.sort((a, b) => b.length - a.length)[0];
}

/** What is wrong with importing `source` in `file`; undefined if nothing is. */
export function mistakeOf(file, source, architecture) {
  const from = placeOf(file, architecture);
  if (from === undefined) return undefined;
  if (!source.startsWith('.')) {
    const isNamed = (name) =>
      source === name || source.startsWith(`${name.replace(/\*$/, '')}${name.endsWith('*') ? '' : '/'}`);
    const only = architecture.packages.find(({ names }) => names.some(isNamed));
    const isAllowed = !only || only.places.some((place) => from === place || from.startsWith(`${place}/`));
    return isAllowed ? undefined : `${from} may not import ${source}`;
  }
  const target = join(dirname(file), source).split(sep).join('/');
  const to = placeOf(target, architecture);
  const isAllowed = to === from || architecture.arrows.get(from)?.includes(to);
  return isAllowed ? undefined : `there is no arrow from ${from} to ${to ?? target}`;
}

/** Places on a circle of arrows, in their order; undefined if there is none. */
export function circleIn({ arrows }) {
  const done = new Set();
  const visit = (place, path) => {
    if (path.includes(place)) return [...path.slice(path.indexOf(place)), place];
    if (done.has(place)) return undefined;
    for (const next of arrows.get(place) ?? []) {
      const circle = visit(next, [...path, place]);
      if (circle) return circle;
    }
    done.add(place);
    return undefined;
  };
  for (const place of arrows.keys()) {
    const circle = visit(place, []);
    if (circle) return circle;
  }
  return undefined;
}

export const architecture = readArchitecture(readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8'));

/** The rule, as a plugin of the linter. */
export const arrows = {
  rules: {
    'one-way': {
      create(context) {
        const file = relative(ROOT, context.filename).split(sep).join('/');
        const check = (node) => {
          if (typeof node.source?.value !== 'string') return;
          const mistake = mistakeOf(file, node.source.value, architecture);
          if (mistake) context.report({ node, message: `See ARCHITECTURE.md: ${mistake}.` });
        };
        return Object.fromEntries(IMPORTING.map((type) => [type, check]));
      },
    },
  },
};

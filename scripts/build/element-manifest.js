/** The custom-elements manifest of `<video-call>`: from the class, its components and its style sheets. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, ts } from '@custom-elements-manifest/analyzer';
import { parse } from 'vue/compiler-sfc';
import { ROOT } from './paths.js';

/** What a page loads stands for the modules that the element is written in. */
const PUBLISHED = 'dist/widget/video-call.js';
const LIFECYCLE = ['connectedCallback', 'disconnectedCallback', 'attributeChangedCallback'];
const STATIC_ATTRIBUTE = 6;
const DIRECTIVE = 7;

const WIDGET = join(ROOT, 'widget');

/** @returns {object} the manifest, see https://github.com/webcomponents/custom-elements-manifest */
export function elementManifest() {
  const source = readFileSync(join(WIDGET, 'element.ts'), 'utf8');
  const module = ts.createSourceFile('element.ts', source, ts.ScriptTarget.ES2022, true);
  const properties = contentsOf('.css').flatMap(propertiesOf);
  const plugin = collector(partsInComponents(), properties);
  return create({ modules: [module], plugins: [plugin], context: { dev: false } });
}

/** @returns {Set<string>} the parts that the element's components have */
export function partsInComponents() {
  return new Set(contentsOf('.vue').flatMap(partsOf));
}

/** Completes what the analyzer finds in the class, and leaves out what is no page's business. */
function collector(parts, properties) {
  return {
    name: 'parts-and-properties',
    packageLinkPhase({ customElementsManifest }) {
      const [script] = customElementsManifest.modules;
      const element = script.declarations.find(({ tagName }) => tagName);
      const documented = element.cssParts ?? [];
      const isNew = (part) => !documented.some(({ name }) => name === part);
      element.cssParts = [...documented, ...[...parts].filter(isNew).map((name) => ({ name }))].sort(byName);
      element.cssProperties = properties;
      element.members = element.members.filter(
        ({ name, privacy, static: isStatic }) =>
          !name.startsWith('#') && privacy !== 'private' && !isStatic && !LIFECYCLE.includes(name),
      );
      script.declarations = [element];
      script.path = PUBLISHED;
      script.exports = [
        {
          kind: 'custom-element-definition',
          name: element.tagName,
          declaration: { name: element.name, module: PUBLISHED },
        },
      ];
    },
  };
}

/**
 * The parts in a component: those of `part="…"` and `some-part="…"`, and the words that an expression bound
 * to one of them may give.
 * @param {string} source of a `.vue` file
 */
export function partsOf(source) {
  const parts = [];
  const visit = (node) => {
    for (const prop of node.props ?? []) {
      if (prop.type === STATIC_ATTRIBUTE && isPart(prop.name)) parts.push(...prop.value.content.split(/\s+/));
      if (prop.type === DIRECTIVE && isPart(prop.arg?.content)) parts.push(...wordsIn(prop.exp.content));
    }
    for (const child of node.children ?? []) visit(child);
  };
  visit(parse(source).descriptor.template.ast);
  return parts;
}

function isPart(name) {
  return name === 'part' || name?.endsWith('-part');
}

function wordsIn(expression) {
  return [...expression.matchAll(/'([\w-]+)'/g)].map(([, word]) => word);
}

/**
 * The custom properties that a style sheet sets on the element itself, with the comment above them.
 * @param {string} css
 */
export function propertiesOf(css) {
  const [, block = ''] = /^:host\s*\{([^}]*)\}/m.exec(css) ?? [];
  const properties = [];
  let description;
  for (const paragraph of block.split(/\n\s*\n/)) {
    for (const [, comment, name, value] of paragraph.matchAll(
      /\/\*\s*([^]*?)\s*\*\/|(--vc-[\w-]+):\s*([^;]+);/g,
    )) {
      if (comment) description = comment;
      else
        properties.push({
          name,
          default: value.replace(/\s+/g, ' '),
          ...(description ? { description } : {}),
        });
    }
    description = undefined;
  }
  return properties;
}

/** What the files of a kind in the widget contain. */
function contentsOf(extension) {
  return readdirSync(WIDGET, { recursive: true })
    .filter((name) => name.endsWith(extension) && !name.startsWith('gallery'))
    .sort()
    .map((name) => readFileSync(join(WIDGET, name), 'utf8'));
}

function byName(a, b) {
  return a.name.localeCompare(b.name);
}

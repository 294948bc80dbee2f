import { describe, expect, it } from 'vitest';
import { ATTRIBUTES } from '../../widget/element-settings.ts';
import { elementManifest, partsInComponents, partsOf, propertiesOf } from './element-manifest.js';

interface Named {
  readonly name: string;
  readonly description?: string;
}

const named = (list: readonly Named[]): string[] => list.map(({ name }) => name).sort();

describe("the element's manifest", () => {
  const [element] = elementManifest().modules[0].declarations;

  it('describes every part that a component has, and no other', () => {
    const undescribed = element.cssParts.filter(({ description }: Named) => !description);
    expect(named(undescribed)).toEqual([]);
    expect(named(element.cssParts)).toEqual([...partsInComponents()].sort());
  });

  it('has the attributes that the element reads, its methods, and nothing of its inside', () => {
    expect(named(element.attributes)).toEqual([...ATTRIBUTES].sort());
    expect(named(element.members)).toEqual(
      expect.arrayContaining(['accept', 'call', 'hangUp', 'reject', 'shareScreen', 'toggleCamera']),
    );
    expect(named(element.members).filter((name) => /#|Callback$/.test(name))).toEqual([]);
  });

  it('has the events and the custom properties', () => {
    expect(named(element.events)).toContain('video-call-ended');
    expect(named(element.cssProperties)).toEqual(expect.arrayContaining(['--vc-accent', '--vc-radius']));
  });
});

describe('parts of a component', () => {
  it('are found where they are set, bound, or handed on', () => {
    const source = `<template><div part="dialog wide"><slot v-if="a" />
      <Tile :video-part="isSelf ? 'local-video' : 'remote-video'"><b v-for="x in y" part="tile" /></Tile>
      <i :part="given" :title="'no-part'" /></div></template>`;
    expect(partsOf(source)).toEqual(['dialog', 'wide', 'local-video', 'remote-video', 'tile']);
  });
});

describe('custom properties of a style sheet', () => {
  it('are those of the element itself, each with the comment above its group', () => {
    const css = `:host {\n  --vc-font:\n    Arial,\n    serif;\n\n  /* Dark. */\n  --vc-line: #fff;\n  --vc-text: #000;\n}
.tile { --vc-ratio: 1; }`;
    expect(propertiesOf(css)).toEqual([
      { name: '--vc-font', default: 'Arial, serif' },
      { name: '--vc-line', default: '#fff', description: 'Dark.' },
      { name: '--vc-text', default: '#000', description: 'Dark.' },
    ]);
  });
});

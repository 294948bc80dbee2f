import type { Identity } from './signaling/credentials.ts';

/** Attributes of `<video-call>`; the script tag has the same with `data-` before them. */
export const ATTRIBUTES = [
  'server-url',
  'user-id',
  'user-name',
  'avatar',
  'token',
  'token-url',
  'locale',
  'tools',
] as const;

/** The toolbar's aliases that start a call unless the page says otherwise. */
const DEFAULT_TOOLS = 'video,audio,codeVideo,codeAudio';

/** Splits the aliases of `tools`. */
export function toolsIn(list: string | null): readonly string[] {
  return (list ?? DEFAULT_TOOLS)
    .split(',')
    .map((alias) => alias.trim())
    .filter(Boolean);
}

/**
 * The interface's language: the element's, else the page's, else Chinese.
 * @returns a BCP 47 tag
 */
export function localeOf(element: Element): string {
  return element.getAttribute('locale') || element.ownerDocument.documentElement.lang || 'zh-CN';
}

/** Copies the script tag's `data-` attributes to an element that does not have them. */
export function copyAttributes(script: HTMLElement, element: Element): void {
  for (const name of ATTRIBUTES) {
    const value = script.getAttribute(`data-${name}`);
    if (value !== null && !element.hasAttribute(name)) element.setAttribute(name, value);
  }
}

/** Who the page itself says is using it; undefined leaves that to the chat. */
export function identityOf(element: Element): Identity | undefined {
  const id = element.getAttribute('user-id');
  if (!id) return undefined;
  return {
    id,
    name: element.getAttribute('user-name') || id,
    avatar: element.getAttribute('avatar') ?? '',
  };
}

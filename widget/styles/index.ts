import { inject, onScopeDispose, type InjectionKey } from 'vue';
import banner from './banner.css?inline';
import card from './card.css?inline';
import controls from './controls.css?inline';
import frame from './frame.css?inline';
import screens from './screens.css?inline';
import stage from './stage.css?inline';
import tokens from './tokens.css?inline';

/** What the first card and window look like; what is loaded later brings its own. */
export const STYLES = [tokens, controls, card, banner, frame, stage, screens].join('\n');

/** Where the interface lives. */
export const ROOT: InjectionKey<ShadowRoot> = Symbol('root');

/**
 * Gives a shadow root styles, as a constructed sheet: strict content security policies allow
 * that, and forbid `<style>`.
 *
 * @returns takes them away again
 */
export function adoptStyles(root: ShadowRoot, css: string): () => void {
  if (!('adoptedStyleSheets' in root)) {
    // Safari before 16.4.
    const style = document.createElement('style');
    style.textContent = css;
    (root as ShadowRoot).append(style);
    return () => style.remove();
  }
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  return () => {
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter((other) => other !== sheet);
  };
}

/** Styles that a component brings, as long as it is there. */
export function useStyles(css: string): void {
  const root = inject(ROOT, undefined);
  if (root) onScopeDispose(adoptStyles(root, css));
}

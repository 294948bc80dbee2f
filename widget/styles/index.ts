import banner from './banner.css?inline';
import card from './card.css?inline';
import controls from './controls.css?inline';
import frame from './frame.css?inline';
import panel from './panel.css?inline';
import room from './room.css?inline';
import screens from './screens.css?inline';
import stage from './stage.css?inline';
import tile from './tile.css?inline';
import tokens from './tokens.css?inline';

const css = [tokens, controls, card, banner, frame, stage, room, tile, panel, screens].join('\n');

/**
 * Gives a shadow root the interface's styles, as a constructed sheet: strict content
 * security policies allow that, and forbid `<style>`.
 *
 * @returns takes them away again
 */
export function adoptStyles(root: ShadowRoot): () => void {
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

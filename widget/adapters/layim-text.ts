const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '[': '&#91;',
  ']': '&#93;',
  '(': '&#40;',
  ')': '&#41;',
  '@': '&#64;',
};

/**
 * Makes text safe for a LayIM system message, which is inserted as raw HTML; where LayIM parses its own
 * syntax (`a(…)[…]`, `img[…]`, `@name`), brackets would make markup as well.
 */
export function escapeForLayim(text: string): string {
  return text.replace(/[&<>"'[\]()@]/g, (character) => ENTITIES[character] ?? character);
}

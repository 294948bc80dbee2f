const FLASH_INTERVAL_MS = 1000;

/**
 * Alternates the page's title with a text, so that the tab is seen among others.
 *
 * @returns puts the page's own title back, the newest one if the page changed it meanwhile
 */
export function flashTitle(text: string): () => void {
  let own = document.title;
  const flash = () => {
    if (document.title === text) document.title = own;
    else {
      own = document.title;
      document.title = text;
    }
  };
  flash();
  const timer = setInterval(flash, FLASH_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    if (document.title === text) document.title = own;
  };
}

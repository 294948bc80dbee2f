const GLIDE_MS = 180;

/** Whether the user asked the system for less motion. */
function prefersReducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/**
 * Lets an element that has just been laid out anew glide there from where it was.
 *
 * @param from its bounding box before the change
 */
export function glide(element: HTMLElement, from: DOMRect): void {
  if (prefersReducedMotion()) return;
  const to = element.getBoundingClientRect();
  if (!to.width || !to.height || !from.width || !from.height) return;
  const move = `translate(${from.left - to.left}px, ${from.top - to.top}px)`;
  const scale = `scale(${from.width / to.width}, ${from.height / to.height})`;
  element.animate(
    [
      { transformOrigin: '0 0', transform: `${move} ${scale}` },
      { transformOrigin: '0 0', transform: 'none' },
    ],
    { duration: GLIDE_MS, easing: 'cubic-bezier(0.2, 0.8, 0.2, 1)' },
  );
}

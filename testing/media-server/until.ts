/** Waits until something is so; fails after two seconds. */
export async function until(what: () => boolean, description = what.toString()): Promise<void> {
  const deadline = performance.now() + 4000;
  while (!what()) {
    if (performance.now() > deadline) throw new Error(`never came true: ${description}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

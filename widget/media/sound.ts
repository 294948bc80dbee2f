/** How long a fresh audio context may take to start, in milliseconds. */
const START_GRACE_MS = 300;

/** Whether the browser refuses to play sound before the user has clicked something. */
export async function isSoundBlocked(): Promise<boolean> {
  if (typeof AudioContext === 'undefined') return false;
  let context: AudioContext;
  try {
    context = new AudioContext();
  } catch {
    // Too many contexts on this page say nothing about its sound.
    return false;
  }
  if (context.state !== 'running') await new Promise((resolve) => setTimeout(resolve, START_GRACE_MS));
  const blocked = context.state === 'suspended';
  await context.close();
  return blocked;
}

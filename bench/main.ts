/** `npm run bench [name…]`: prints the figures of the named benchmarks, or of all. */
const BENCHMARKS: Readonly<Record<string, () => Promise<() => Promise<void>>>> = {
  accept: async () => (await import('./accept.ts')).accept,
  chat: async () => (await import('./chat.ts')).chat,
  ring: async () => (await import('./ring.ts')).ring,
  join: async () => (await import('./join.ts')).join,
  attacks: async () => (await import('./attacks.ts')).attacks,
  forwarding: async () => (await import('./forwarding.ts')).forwarding,
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BENCHMARKS);
const unknown = names.filter((name) => !Object.hasOwn(BENCHMARKS, name));
if (unknown.length > 0) {
  console.error(`No benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHMARKS).join(', ')}.`);
  process.exit(2);
}
for (const name of names) {
  const run = await BENCHMARKS[name]?.();
  await run?.();
}
process.exit(0);

// Makes this a module, so that it may await.
export {};

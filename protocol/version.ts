/** The version of the wire protocol that this code speaks; `docs/protocol.md` lists what each one added. */
export const PROTOCOL_VERSION = 2;

/** What is spoken with who does not say: the pages from before there were versions. */
export const FIRST_PROTOCOL_VERSION = 1;

/**
 * What two sides speak with each other: the older version of theirs and ours.
 * @param offered what the other side says it speaks
 */
export function spokenVersion(offered: number = FIRST_PROTOCOL_VERSION): number {
  return Math.min(offered, PROTOCOL_VERSION);
}

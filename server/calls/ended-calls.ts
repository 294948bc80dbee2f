/** Calls that are remembered. */
const REMEMBERED_MAX = 1000;

/**
 * The calls that ended last. Messages that were under way when a call ended are no mistake of their sender,
 * unlike those about a call that never was or that is none of its business.
 */
export class EndedCalls {
  readonly #names = new Map<string, readonly string[]>();

  /** @param names the users who took part */
  add(callId: string, names: readonly string[]): void {
    this.#names.set(callId, names);
    const [oldest] = this.#names.keys();
    if (this.#names.size > REMEMBERED_MAX && oldest !== undefined) this.#names.delete(oldest);
  }

  /** Whether this call has ended lately, with this user in it. */
  has(callId: string, name: string): boolean {
    return this.#names.get(callId)?.includes(name) ?? false;
  }
}

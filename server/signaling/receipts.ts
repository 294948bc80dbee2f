/**
 * Which frames a page has got, as its pongs tell. One ping at a time is under way, however often one is wanted,
 * and a pong that answers no ping tells nothing: so what the server writes does not depend on how many pongs
 * a client sends.
 */
export class Receipts {
  #wantedNumber = 0;
  #asked: string | undefined;

  /** Wants to know when the frame of this number has arrived. */
  want(number: number): void {
    this.#wantedNumber = number;
  }

  /**
   * What to ask the page next.
   * @returns the payload of a ping, or undefined while another one is unanswered
   */
  ask(): string | undefined {
    if (this.#asked !== undefined) return undefined;
    this.#asked = String(this.#wantedNumber);
    return this.#asked;
  }

  /**
   * A pong came.
   * @returns the number of the frame that has arrived, and whether there are later ones to ask for; undefined
   * if nobody asked
   */
  answer(payload: string): { readonly number: number; readonly isAnotherWanted: boolean } | undefined {
    if (payload !== this.#asked) return undefined;
    this.#asked = undefined;
    const number = Number(payload);
    return { number, isAnotherWanted: number < this.#wantedNumber };
  }
}

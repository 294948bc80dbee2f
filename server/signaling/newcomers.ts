/** A connection that has not registered yet. */
export interface Newcomer {
  /** Whether it has not said anything. */
  readonly isSilent: boolean;
}

export interface NewcomersOptions {
  /** How many there may be of one address. */
  readonly perAddressMax: number;
  /** How many there may be together. */
  readonly max: number;
}

/**
 * The connections that have not registered yet. When there are too many, somebody who waits has to go, of the same
 * address if that has too many: so nobody who comes is locked out, and nobody is thrown out by another address's flood
 * before all places are taken.
 */
export class Newcomers<Connection extends Newcomer> {
  readonly #options: NewcomersOptions;
  /** The oldest first; with the address of each, as far as it is known. */
  readonly #addresses = new Map<Connection, string | undefined>();
  readonly #byAddress = new Map<string, Set<Connection>>();

  constructor(options: NewcomersOptions) {
    this.#options = options;
  }

  /** How many there are. */
  get size(): number {
    return this.#addresses.size;
  }

  /**
   * @param address undefined if nobody knows whose it is; it is not limited by address then
   * @returns who has to go for it, if anybody
   */
  add(connection: Connection, address: string | undefined): Connection | undefined {
    const leaving = this.#leavingFor(address);
    if (leaving) this.delete(leaving);
    this.#addresses.set(connection, address);
    if (address !== undefined) {
      this.#byAddress.set(address, (this.#byAddress.get(address) ?? new Set()).add(connection));
    }
    return leaving;
  }

  #leavingFor(address: string | undefined): Connection | undefined {
    const { perAddressMax, max } = this.#options;
    const neighbours = address === undefined ? undefined : this.#byAddress.get(address);
    if (neighbours && neighbours.size >= perAddressMax) return oldestOf(neighbours);
    return this.#addresses.size >= max ? oldestOf(this.#addresses.keys()) : undefined;
  }

  /** It has registered, or gone; one that is not known is no mistake. */
  delete(connection: Connection): void {
    const address = this.#addresses.get(connection);
    this.#addresses.delete(connection);
    if (address === undefined) return;
    const neighbours = this.#byAddress.get(address);
    neighbours?.delete(connection);
    if (neighbours?.size === 0) this.#byAddress.delete(address);
  }
}

/** The oldest of those who have said nothing, else the oldest. */
function oldestOf<Connection extends Newcomer>(connections: Iterable<Connection>): Connection | undefined {
  let oldest: Connection | undefined;
  for (const connection of connections) {
    if (connection.isSilent) return connection;
    oldest ??= connection;
  }
  return oldest;
}

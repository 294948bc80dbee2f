/** What keeps a user busy: a one-to-one call (also while it rings) or a room. */
export interface Activity {
  readonly kind: 'call' | 'room';
  readonly id: string;
}

/** Who is busy with what. A user is in at most one call or room. */
export interface Occupancy {
  /**
   * Takes all these users for an activity, or none of them.
   * @returns what the busy ones among them are busy with; empty when all were taken
   */
  claim(names: readonly string[], activity: Activity): Promise<ReadonlyMap<string, Activity>>;
  /** Frees these users, as far as it is this activity that they are busy with. */
  release(names: readonly string[], activityId: string): Promise<void>;
  /** What a user is busy with. */
  of(name: string): Promise<Activity | undefined>;
}

/** Occupancy of a single server process. */
export class LocalOccupancy implements Occupancy {
  readonly #activities = new Map<string, Activity>();

  async claim(names: readonly string[], activity: Activity): Promise<ReadonlyMap<string, Activity>> {
    const conflicts = new Map<string, Activity>();
    for (const name of names) {
      const current = this.#activities.get(name);
      if (current) conflicts.set(name, current);
    }
    if (conflicts.size === 0) for (const name of names) this.#activities.set(name, activity);
    return conflicts;
  }

  async release(names: readonly string[], activityId: string): Promise<void> {
    for (const name of names) {
      if (this.#activities.get(name)?.id === activityId) this.#activities.delete(name);
    }
  }

  async of(name: string): Promise<Activity | undefined> {
    return this.#activities.get(name);
  }
}

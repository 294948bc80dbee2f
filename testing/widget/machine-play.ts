type Step<State, Effect> = readonly [State, readonly Effect[]];

/** Plays events into a state machine, one per second from `now` = 1000 on. */
export class MachinePlay<State, Event, Effect extends { readonly type: string }> {
  readonly #transition: (state: State, event: Event, now: number) => Step<State, Effect>;
  state: State;
  now = 0;
  effects: Effect[] = [];

  constructor(initial: State, transition: (state: State, event: Event, now: number) => Step<State, Effect>) {
    this.state = initial;
    this.#transition = transition;
  }

  /** @returns what these events caused */
  run(...events: Event[]): Effect[] {
    this.effects = [];
    for (const event of events) {
      this.now += 1_000;
      const [state, effects] = this.#transition(this.state, event, this.now);
      this.state = state;
      this.effects.push(...effects);
    }
    return this.effects;
  }

  /** @returns the messages that these events sent */
  sent(...events: Event[]): unknown[] {
    return this.run(...events).flatMap((effect) =>
      effect.type === 'send' && 'message' in effect ? [effect.message] : [],
    );
  }

  types(...events: Event[]): string[] {
    return this.run(...events).map(({ type }) => type);
  }
}

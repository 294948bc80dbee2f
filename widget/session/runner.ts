import { guarded } from './guarded.ts';

/** What a runner runs, and what it tells. */
export interface RunnerOptions<State, Event, Effect> {
  readonly initial: State;
  /** The state machine; `now` is in milliseconds since 1970. */
  readonly transition: (state: State, event: Event, now: number) => readonly [State, readonly Effect[]];
  /** Carries out one effect. What it throws is reported, and the next one is carried out all the same. */
  readonly perform: (effect: Effect) => void | Promise<void>;
  /** The queue is empty, and the state is another one than before. */
  readonly changed: () => void;
}

/** Runs a state machine: one queue of events, whose effects are carried out in order. */
export class Runner<State, Event, Effect> {
  readonly #options: RunnerOptions<State, Event, Effect>;
  readonly #queue: Event[] = [];
  #state: State;
  #running = false;

  constructor(options: RunnerOptions<State, Event, Effect>) {
    this.#options = options;
    this.#state = options.initial;
  }

  get state(): State {
    return this.#state;
  }

  /** Whether an event is being handled; what is seen then is not settled yet. */
  get running(): boolean {
    return this.#running;
  }

  /** Handles an event; one that comes while another is being handled waits for it. */
  dispatch(event: Event): void {
    this.#queue.push(event);
    if (this.#running) return;
    this.#running = true;
    const before = this.#state;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#handle(next);
    this.#running = false;
    if (this.#state !== before) guarded(this.#options.changed);
  }

  #handle(event: Event): void {
    const { transition, perform } = this.#options;
    guarded(() => {
      const [state, effects] = transition(this.#state, event, Date.now());
      this.#state = state;
      for (const effect of effects) guarded(() => perform(effect));
    });
  }
}

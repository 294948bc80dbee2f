import type { ClientMessageOf, Person, RegisterRejectionCode } from '../../protocol/index.ts';

export type Credentials = Omit<ClientMessageOf<'register'>, 'id'>;

/** Who a connection is, and for how long that is proven. */
export interface Identity {
  readonly user: Person;
  /** When the proof runs out, in milliseconds since 1970; undefined: never. */
  readonly expiresAt: number | undefined;
}

/** Finds out who a connection is. */
export interface Authenticator {
  /** @throws RegistrationError */
  authenticate(credentials: Credentials): Promise<Identity>;
}

/** What is stored about people, to show those whose token has no name or avatar. */
export interface PeopleDirectory {
  find(name: string): Promise<Partial<Omit<Person, 'name'>> | undefined>;
}

/** A `register`, `resume` or `renew` that is refused; its message is shown to the site's admin. */
export class RegistrationError extends Error {
  override readonly name = 'RegistrationError';
  readonly code: RegisterRejectionCode;

  constructor(code: RegisterRejectionCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

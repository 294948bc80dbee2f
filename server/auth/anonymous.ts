import { type Authenticator, type Credentials, type Identity, RegistrationError } from './authenticator.ts';

/** `AUTH=none`: everybody is who they say they are. Only for one's own machine, or a network one trusts. */
export class AnonymousAuthenticator implements Authenticator {
  async authenticate({ name, displayName, avatar }: Credentials): Promise<Identity> {
    if (name === undefined) {
      throw new RegistrationError(
        'bad-message',
        'This server has AUTH=none: "register" needs a "name", and tokens mean nothing.',
      );
    }
    return { user: { name, displayName: displayName || name, avatar: avatar ?? '' }, expiresAt: undefined };
  }
}

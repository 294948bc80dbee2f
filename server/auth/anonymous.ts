import type { Person } from '../../protocol/index.ts';
import { type Authenticator, type Credentials, RegistrationError } from './authenticator.ts';

/** `AUTH=none`: everybody is who they say they are. Only for one's own machine, or a network one trusts. */
export class AnonymousAuthenticator implements Authenticator {
  async authenticate({ name, displayName, avatar }: Credentials): Promise<Person> {
    if (name === undefined) {
      throw new RegistrationError(
        'bad-message',
        '"register" needs a "name" on this server, which has AUTH=none.',
      );
    }
    return { name, displayName: displayName || name, avatar: avatar ?? '' };
  }
}

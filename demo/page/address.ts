/** Which demo user a page is, as its address says: `?user=2`. */

/** @returns the id of the address, or undefined if it has none */
export function userInAddress(): number | undefined {
  const user = Number(new URLSearchParams(location.search).get('user'));
  return Number.isSafeInteger(user) && user > 0 ? user : undefined;
}

/** Writes the user into the address, so that a reload is the same user again. */
export function writeUserIntoAddress(user: number): void {
  if (userInAddress() !== user) history.replaceState(history.state, '', addressOf(user));
}

/** @returns the address that is this user's page */
export function addressOf(user: number): string {
  return `?user=${user}`;
}

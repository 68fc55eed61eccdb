/** Characters that a name may have if it is looked up by: an index entry must fit a Postgres page. */
export const MAX_KEY_LENGTH = 512;

/** The form in which names are compared without regard to case (userName, e-mail, a group's name). */
export function caseKey(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** The key of a profile's `displayName`; null if it has none. */
export function displayNameKey(profile: Readonly<Record<string, unknown>>): string | null {
  const name = profile['displayName'];
  return typeof name === 'string' ? caseKey(name) : null;
}

/** @returns the first name that is too long to be looked up by, with what it is; undefined if all fit */
export function tooLong(
  names: Iterable<readonly [what: string, name: string | undefined]>,
): string | undefined {
  for (const [what, name] of names) {
    if (name !== undefined && name.length > MAX_KEY_LENGTH) return what;
  }
  return undefined;
}

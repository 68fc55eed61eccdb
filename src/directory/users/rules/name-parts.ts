/** The SCIM attribute `name` (RFC 7643 §4.1.1) as far as it can be derived from a full name. */
export interface NameParts {
  readonly formatted: string;
  readonly givenName: string;
  readonly familyName?: string;
}

/** The parts of a name as one writes it; the last word is the family name. */
export function nameParts(formatted: string): NameParts {
  const words = formatted.split(' ');
  const familyName = words.pop();
  if (words.length === 0 || familyName === undefined) return { formatted, givenName: formatted };
  return { formatted, givenName: words.join(' '), familyName };
}

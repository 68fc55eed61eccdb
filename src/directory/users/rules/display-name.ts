import { caseKey } from '../../rules/comparison-keys.ts';
import type { Profile } from '../user.ts';
import { MAX_DISPLAY_NAME, presentableName } from './presentable.ts';

/** A name that follows from the parts of `name` (RFC 7643 §4.1.1), and the key that it is sorted and searched by. */
export interface NameFromParts {
  readonly text: string | null;
  readonly key: string | null;
}

/**
 * What a user without a `displayName` is called: `name.formatted`, else the given and the family name. Kept beside the
 * profile, which stays as the directory sent it.
 * @returns nulls where there is a `displayName`, or nothing to follow from
 */
export function nameFromParts(profile: Profile): NameFromParts {
  const { displayName, name } = profile as { displayName?: unknown; name?: unknown };
  if (typeof displayName === 'string' || typeof name !== 'object' || name === null) return NONE;
  const { formatted, givenName, familyName } = name as Record<string, unknown>;
  const parts = [givenName, familyName].filter((part) => typeof part === 'string').join(' ');
  const text =
    presentableName(typeof formatted === 'string' ? formatted : undefined, MAX_DISPLAY_NAME) ??
    presentableName(parts, MAX_DISPLAY_NAME);
  return text === undefined ? NONE : { text, key: caseKey(text) };
}

const NONE: NameFromParts = { text: null, key: null };

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

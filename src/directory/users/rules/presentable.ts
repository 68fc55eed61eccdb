/** Characters of a user's name; it appears in mails sent from the organization's domain. */
export const MAX_DISPLAY_NAME = 200;
/** Characters of a group's name beyond which a provider cannot mean it. */
const MAX_GROUP_NAME = 256;

/** Controls, and marks that turn the direction of what follows: a name with them shows as another. */
const MISLEADING = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/** Far more than any name has, before it is looked at. */
const MAX_UNITS = 4 * MAX_GROUP_NAME;

/** Whether a name has line ends, or marks by which it shows as another. */
export const isMisleading = (name: string): boolean => name.search(MISLEADING) !== -1;

/** A name on one line, without marks that mislead; line ends and other blanks are one space. */
export function oneLineName(text: string): string {
  return text.normalize('NFC').replaceAll(MISLEADING, ' ').replaceAll(/\s+/gu, ' ').trim();
}

/** Whether a user may have a name, which is on one line already. */
export const isUserName = (name: string): boolean => [...name].length <= MAX_DISPLAY_NAME;

/** A name as a provider sent it, fit to be shown; undefined if nothing is left, or far too much. */
export function presentableName(text: string | undefined, longest = MAX_GROUP_NAME): string | undefined {
  if (text === undefined || text.length > MAX_UNITS) return undefined;
  const clean = oneLineName(text);
  return clean === '' || [...clean].length > longest ? undefined : clean;
}

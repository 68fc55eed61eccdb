/** Characters of a name beyond which a provider cannot mean it. */
const LONGEST_NAME = 256;

/** Controls, and marks that turn the direction of what follows: a name with them shows as another. */
const MISLEADING = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** A name as a provider sent it, fit to be shown; undefined if nothing is left, or far too much. */
export function presentableName(text: string | undefined): string | undefined {
  if (text === undefined || text.length > LONGEST_NAME * 4) return undefined;
  const clean = text.normalize('NFC').replaceAll(MISLEADING, ' ').replaceAll(/\s+/gu, ' ').trim();
  return clean === '' || [...clean].length > LONGEST_NAME ? undefined : clean;
}

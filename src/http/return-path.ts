/**
 * Where a sign-in may lead: a path of this very site. What browsers read as another site (`//host`, `/\host`, control
 * characters that they drop) is not accepted.
 * @returns undefined if it is not one
 */
export function parseReturnPath(text: string | null | undefined): string | undefined {
  if (!text || text.length > 2_000 || !text.startsWith('/') || /[\p{Cc}\\]/u.test(text)) return undefined;
  const base = 'https://here.invalid';
  if (!URL.canParse(text, base)) return undefined;
  const { origin, pathname, search, hash } = new URL(text, base);
  // Dots are resolved by now: `/.//host` has become `//host`.
  return origin === base && !pathname.startsWith('//') ? pathname + search + hash : undefined;
}

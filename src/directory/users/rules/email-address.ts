/** R5: one @, a domain, nothing that a mail header could misread. */
const shape =
  /^[^\s@<>()[\]\\,;:"\p{Cc}\p{Cf}]+@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,}$/u;
const LONGEST = 254;

/** The sentence of R5 and R33. */
export const INVALID_EMAIL = 'Invalid email format';

/** @returns the address without blanks around it, or undefined if it is not an e-mail address */
export function parseEmailAddress(text: string): string | undefined {
  const trimmed = text.trim();
  return trimmed.length <= LONGEST && shape.test(trimmed) ? trimmed : undefined;
}

/** `1 request`, `1,204 requests`. */
export const counted = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`;

export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Why a person cannot be removed from a group. @param pattern null if it has just been taken from the group */
export const addedByAddress = (pattern: string | null): string =>
  pattern === null
    ? 'The group no longer adds people by their address: they leave it by themselves.'
    : `Their address matches ${pattern}: change the address, or whom the group adds.`;

export const STATUS_SAYS = 'must be a status such as 409, a class such as 4xx, success or error.';

/**
 * Reads which statuses a search is for.
 * @param text a status, a class such as `4xx`, `success` or `error` @returns undefined for anything else
 */
export function parseStatus(text: string): readonly [from: number, to: number] | undefined {
  const word = text.toLowerCase();
  if (word === 'success') return [100, 399];
  if (word === 'error') return [400, 599];
  if (!/^[1-5](?:\d\d|xx)$/.test(word)) return undefined;
  const from = Number(word.replace('xx', '00'));
  return word.endsWith('xx') ? [from, from + 99] : [from, from];
}

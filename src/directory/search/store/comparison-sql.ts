import type { Comparator } from '../predicate.ts';

/** Case folding that knows more than ASCII whatever the database's locale. */
export const folded = (sql: string) => `lower(${sql} collate "und-x-icu")`;

const symbols = { eq: '=', gt: '>', ge: '>=', lt: '<', le: '<=' } as const;

/** Compares what has an order. @throws Error for a comparator of text */
export function operate(left: string, comparator: Comparator, right: string): string {
  if (comparator === 'co' || comparator === 'sw' || comparator === 'ew') {
    throw new Error(`The comparator ${comparator} is for text only.`);
  }
  return `(${left} ${symbols[comparator]} ${right})`;
}

/** Compares text. */
export function operateText(left: string, comparator: Comparator, right: string): string {
  switch (comparator) {
    case 'eq':
      return `(${left} = ${right})`;
    case 'co':
      return `(strpos(${left}, ${right}) > 0)`;
    case 'sw':
      return `starts_with(${left}, ${right})`;
    case 'ew':
      return `(right(${left}, length(${right})) = ${right})`;
    default:
      return `(${left} collate "C" ${symbols[comparator]} ${right} collate "C")`;
  }
}

/** What a spreadsheet takes for a formula at the beginning of a cell (R39). */
const RISKY = /^[=+\-@\t\r]/;

/** Text for a cell that no spreadsheet runs: one that could be a formula gets an apostrophe before it. */
export function guardCell(text: string): string {
  return RISKY.test(text) ? `'${text}` : text;
}

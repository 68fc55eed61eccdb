/** What a spreadsheet takes for a formula at the beginning of a cell (R39), behind apostrophes or not. */
const RISKY = /^'*[=+\-@\t\r]/;
const GUARDED = /^'(?='*[=+\-@\t\r])/;

/**
 * Text for a cell that no spreadsheet runs: one that could be a formula gets an apostrophe before it. So does one
 * that looks guarded already, or its own apostrophe would be lost on the way back.
 */
export function guardCell(text: string): string {
  return RISKY.test(text) ? `'${text}` : text;
}

/** The other way: what `guardCell` was given. */
export function unguardCell(text: string): string {
  return text.replace(GUARDED, '');
}

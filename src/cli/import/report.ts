import type { RowResult } from '../../imports/store/rows.ts';
import { alignRows, cut, printable } from '../text-table.ts';

/** A row and its result. */
export interface ReportedRow {
  /** As a spreadsheet numbers it. */
  readonly number: number;
  readonly email: string;
  readonly result: RowResult;
  readonly message: string | undefined;
  readonly note: string | undefined;
}

/** How many rows are printed; the error file has all of them. */
const SHOWN = 40;

/** The rows that need a look, as lines of a table. */
export function reportRows(rows: readonly ReportedRow[]): string[] {
  const worth = rows.filter(({ message, note }) => message !== undefined || note !== undefined);
  if (worth.length === 0) return [];
  const lines = worth
    .slice(0, SHOWN)
    .map(({ number, email, result, message, note }) => [
      `  row ${number}`,
      result,
      cut(printable(email), 48) || '–',
      printable([message, note].filter((part) => part !== undefined).join('. ')),
    ]);
  const rest = worth.length - SHOWN;
  return ['', ...alignRows(lines), ...(rest > 0 ? [`  … and ${rest} more`] : [])];
}

/** The counts as a sentence. @param done whether the import has run */
export function reportCounts(counts: Readonly<Record<RowResult, number>>, done: boolean): string {
  const words = done
    ? ({ add: 'added', update: 'updated', skip: 'skipped', error: 'failed' } as const)
    : ({ add: 'to add', update: 'to update', skip: 'to skip', error: 'with errors' } as const);
  return (['add', 'update', 'skip', 'error'] as const)
    .map((result) => `${counts[result].toLocaleString('en')} ${words[result]}`)
    .join(', ');
}

import { createHash } from 'node:crypto';
import { stringify } from 'csv-stringify/sync';
import { guardCell } from '../platform/csv-cell.ts';
import { truncate } from '../platform/truncate.ts';
import { errorTable, type FailedRow, IMPORT_COLUMNS } from './rules.ts';

/** A file that a user wants to import. */
export interface ImportFile {
  /** The name that the uploader gave it. */
  readonly name: string | undefined;
  readonly bytes: Buffer;
}

/** R22: the header and the two example rows. */
export const TEMPLATE = [
  IMPORT_COLUMNS.join(','),
  'john@company.com,John Doe,train,"Support Team"',
  'jane@company.com,Jane Smith,readonly,"Sales Team;Engineering"',
  '',
].join('\r\n');

/** What a file is recognised by when it comes again. */
export function hashFile(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

const LONGEST_NAME = 200;

/** The last part of a file's path, without what no list can show. */
export function displayFileName(name: string | undefined): string {
  const last = name?.split(/[/\\]/).at(-1) ?? '';
  const shown = truncate(last.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '').trim(), LONGEST_NAME);
  return shown === '' ? 'users.csv' : shown;
}

/** The error file (R36, R37, R39): with the byte-order mark by which a spreadsheet knows UTF-8. */
export function writeErrorCsv(header: readonly string[], rows: readonly FailedRow[]): string {
  const cells = errorTable(header, rows).map((row) => row.map(guardCell));
  return stringify(cells, { bom: true, record_delimiter: '\r\n', quoted_match: /[\r\n]/ });
}

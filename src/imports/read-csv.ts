import { type CsvError, parse } from 'csv-parse/sync';
import { DomainError } from '../directory/errors.ts';
import { unguardCell } from '../platform/csv-cell.ts';
import { MAX_IMPORT_ROWS, MAX_ROWS_SENTENCE, readHeader } from './rules.ts';

/** Bytes that a file may have: five times what 1,000 generous rows need. */
export const MAX_IMPORT_BYTES = 5 * 1024 * 1024;
/** Longer rows are no users: a quote is not closed. */
const MAX_ROW_BYTES = 64 * 1024;
/** Columns of a file that is about users, many times over. */
const MAX_CELLS = 200;
/** Rows without any text that a spreadsheet may leave behind. */
const MAX_BLANK_ROWS = 20_000;

/** A row of a file. */
export interface CsvRow {
  /** As a spreadsheet numbers it: the header is 1, blank rows count. */
  readonly number: number;
  readonly cells: readonly string[];
}

/** A file that is one, with a header that is right. */
export interface CsvFile {
  /** As many as the longest row has cells; those beyond the header have no name. */
  readonly header: readonly string[];
  readonly rows: readonly CsvRow[];
}

/**
 * Reads a file of users (R23, R28, R39): UTF-8 with or without byte-order mark, any line ends, RFC 4180 quotes.
 * @throws DomainError `not_csv`, `bad_header`, `too_many_rows`
 */
export function readCsv(bytes: Buffer): CsvFile {
  if (bytes.length > MAX_IMPORT_BYTES) throw fileTooLarge();
  const [first, ...rows] = readRows(decode(bytes));
  if (first === undefined) throw new DomainError('not_csv', 'The file is empty: begin with the template.');
  readHeader(first.cells);
  const width = rows.reduce((most, { cells }) => Math.max(most, cells.length), first.cells.length);
  return { header: Array.from({ length: width }, (_, place) => first.cells[place] ?? ''), rows };
}

/** A file that is not even read. */
export function fileTooLarge(): DomainError {
  const megabytes = MAX_IMPORT_BYTES / 1024 / 1024;
  return new DomainError(
    'too_many_rows',
    `The file is larger than ${megabytes} MB, and the limit is ${MAX_ROWS_SENTENCE}: split it into several files.`,
  );
}

const SAVE_AS = 'save it as "CSV UTF-8 (comma delimited)" and upload it again.';

function decode(bytes: Buffer): string {
  if (bytes.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'))) {
    throw new DomainError('not_csv', `The file is a workbook, not a CSV file: ${SAVE_AS}`);
  }
  const utf16 = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];
  if (utf16.some((mark) => bytes.subarray(0, 2).equals(mark))) {
    throw new DomainError('not_csv', `The file is UTF-16, not UTF-8: ${SAVE_AS}`);
  }
  if (bytes.includes(0)) throw new DomainError('not_csv', `The file is not a text file: ${SAVE_AS}`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new DomainError('not_csv', `The file is not UTF-8 (it may be Latin-1 or Windows-1252): ${SAVE_AS}`);
  }
}

/** The header and the rows that have any text. */
function readRows(text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  try {
    parse(text, {
      record_delimiter: ['\r\n', '\n', '\r'],
      // A quote within a cell is a character; only where rows end must be sure.
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MAX_ROW_BYTES,
      on_record: (cells: string[], { records, empty_lines: emptyLines }) => {
        if (cells.some((cell) => cell.trim() !== '')) {
          rows.push({ number: records + emptyLines, cells: cells.map(unguardCell) });
        }
        if (cells.length > MAX_CELLS) throw tooManyCells(records + emptyLines);
        if (rows.length > MAX_IMPORT_ROWS + 1 || records > MAX_BLANK_ROWS) throw tooManyRows();
        return null;
      },
    });
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw notCsv(error as CsvError);
  }
  return rows;
}

const tooManyRows = () =>
  new DomainError(
    'too_many_rows',
    `The file has too many rows (${MAX_ROWS_SENTENCE}), and none was imported: split it into several files.`,
  );

const tooManyCells = (row: number) =>
  new DomainError('not_csv', `Row ${row} has over ${MAX_CELLS} cells: begin with the template.`);

function notCsv(error: CsvError): DomainError {
  const line = (error as { lines?: unknown }).lines;
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
    case 'CSV_MAX_RECORD_SIZE':
      return new DomainError(
        'not_csv',
        `The quotes of the row that ends at line ${line} are not closed: put a " behind the value, and write a " within it twice.`,
      );
    default:
      throw error;
  }
}

import { DomainError } from '../directory/errors.ts';
import { ROLES } from '../directory/roles/rules/roles.ts';
import { INVALID_EMAIL, parseEmailAddress } from '../directory/users/rules/email-address.ts';
import { isUserName, oneLineName } from '../directory/users/rules/presentable.ts';
import type { Role } from '../directory/users/user.ts';

/** R28: users that one file may bring. */
export const MAX_IMPORT_ROWS = 1_000;
/** The part that every error for a file with more rows contains (R28). */
export const MAX_ROWS_SENTENCE = 'max 1,000 per import';

/** The columns that an import reads (R22); others stay as they are and mean nothing. */
export const IMPORT_COLUMNS = ['email', 'name', 'role', 'groups'] as const;
export type ImportColumn = (typeof IMPORT_COLUMNS)[number];

/** Groups that a row may name; an invitation has the same limit. */
export const MAX_ROW_GROUPS = 100;
const TOO_LONG_NAME = 'Name has more than 200 characters';
const TOO_MANY_GROUPS = `At most ${MAX_ROW_GROUPS} groups.`;

/** The sentences of R33; their fixes are in docs/imports.md (R147). */
export const DUPLICATE_EMAIL = 'Duplicate email';
const INVALID_ROLE = 'Invalid role';
export const GROUP_NOT_FOUND = 'Group not found';

/** What happens to a user who is here already (R34). */
export const IMPORT_POLICIES = ['skip', 'update_role'] as const;
export type ImportPolicy = (typeof IMPORT_POLICIES)[number];

/** A row's cells as text, unchecked. */
export interface ImportFields {
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly groups: readonly string[];
}

/** The position of each column in a row. */
export type ColumnPlaces = Readonly<Record<ImportColumn, number>>;

/**
 * Finds the columns in the first row: in any order, in upper or lower case, others between them (R23, R37).
 * @throws DomainError `bad_header`, which names what is missing or there twice
 */
export function readHeader(header: readonly string[]): ColumnPlaces {
  const names = header.map((cell) => cell.trim().toLowerCase());
  const missing = IMPORT_COLUMNS.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    const semicolons =
      header.length === 1 && names[0]?.includes(';')
        ? ' Its columns are separated by semicolons: save the file with commas.'
        : '';
    throw new DomainError(
      'bad_header',
      `The first row must name the columns ${IMPORT_COLUMNS.join(', ')}; missing: ${missing.join(', ')}.${semicolons}`,
    );
  }
  const twice = IMPORT_COLUMNS.filter((column) => names.indexOf(column) !== names.lastIndexOf(column));
  if (twice.length > 0) {
    throw new DomainError(
      'bad_header',
      `Name each column once in the first row; twice: ${twice.join(', ')}.`,
    );
  }
  return Object.fromEntries(
    IMPORT_COLUMNS.map((column) => [column, names.indexOf(column)]),
  ) as unknown as ColumnPlaces;
}

/** Reads a row; a cell that is not there is empty. */
export function readFields(places: ColumnPlaces, cells: readonly string[]): ImportFields {
  const cell = (column: ImportColumn) => (cells[places[column]] ?? '').trim();
  return {
    email: cell('email'),
    name: cell('name'),
    role: cell('role'),
    groups: splitGroups(cell('groups')),
  };
}

/** A name in double quotes, in which a quote is written twice; or one without, in which a backslash escapes. */
const GROUP_NAME = /\s*"((?:[^"]|"")*)"\s*(?=[|;]|$)|((?:\\[\\|;"]|[^|;])+)/g;

/**
 * Names of groups, separated by pipes or semicolons (R27). A name that contains one of them is put in double
 * quotes, or escaped with a backslash: `"Sales; EMEA"|Support` and `Sales\; EMEA|Support` name the same two.
 */
export function splitGroups(text: string): string[] {
  return [...text.matchAll(GROUP_NAME)]
    .map(([, quoted, plain = '']) =>
      quoted === undefined
        ? plain.trim().replaceAll(/\\([\\|;"])/g, '$1')
        : quoted.replaceAll('""', '"').trim(),
    )
    .filter((name) => name !== '');
}

/** A row that is right by itself; whether the directory takes it is another question. */
export interface ImportedUser {
  readonly email: string;
  readonly name: string | undefined;
  readonly role: Role;
  readonly groups: readonly string[];
}

/** Checks a row on its own (R24 to R26). @returns the user, or a sentence that says what is wrong */
export function checkFields({ email, name, role, groups }: ImportFields): ImportedUser | string {
  const address = parseEmailAddress(email);
  if (address === undefined) return INVALID_EMAIL;
  const known = ROLES.find((each) => each === role);
  if (known === undefined) return INVALID_ROLE;
  if (groups.length > MAX_ROW_GROUPS) return TOO_MANY_GROUPS;
  const called = oneLineName(name);
  if (!isUserName(called)) return TOO_LONG_NAME;
  return { email: address, name: called === '' ? undefined : called, role: known, groups };
}

/**
 * Whether a row has text where the header has no name: mostly a comma that should have been in quotes, and then
 * every cell behind it may be another column's.
 */
export function hasStrayCells(header: readonly string[], cells: readonly string[]): boolean {
  return cells.some((cell, place) => cell.trim() !== '' && (header[place] ?? '').trim() === '');
}

/** The user that such a row describes. */
export const STRAY_CELLS =
  'This row has more cells than the header has names: put a value that has a comma in it in double quotes.';

/** Columns that the error file adds; those of an error file that comes back make room for new ones (R37). */
const ERROR_COLUMNS = ['row', 'error'] as const;

/** A row that failed, with its number in a spreadsheet. */
export interface FailedRow {
  readonly number: number;
  readonly cells: readonly string[];
  readonly message: string;
}

/** The error file as rows of cells: the original columns, then `row` and `error` (R36). */
export function errorTable(header: readonly string[], rows: readonly FailedRow[]): string[][] {
  const kept = header.flatMap((name, place) =>
    (ERROR_COLUMNS as readonly string[]).includes(name.trim().toLowerCase()) ? [] : [place],
  );
  return [
    [...kept.map((place) => header[place] ?? ''), ...ERROR_COLUMNS],
    ...rows.map(({ number, cells, message }) => [
      ...kept.map((place) => cells[place] ?? ''),
      String(number),
      message,
    ]),
  ];
}

import type { OrgId, UserId } from '../../directory/ids.ts';
import { referenceTo } from '../../directory/store/references.ts';
import type { Reference } from '../../directory/users/reference.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

/** What happens to a row, or has happened. */
export type RowResult = 'add' | 'update' | 'skip' | 'error';
export const ROW_RESULTS = ['add', 'skip', 'error', 'update'] as const satisfies readonly RowResult[];

/** What a row will become, or has. */
export interface Verdict {
  readonly result: RowResult;
  readonly message: string | undefined;
  readonly note: string | undefined;
  /** Who has the address already, or who was made. */
  readonly user: UserId | undefined;
}

/** A row as it is stored. */
export interface StoredImportRow {
  readonly number: number;
  readonly cells: readonly string[];
  readonly result: RowResult;
  readonly message: string | null;
  readonly note: string | null;
  readonly userId: UserId | null;
  readonly user: Reference | null;
  readonly done: boolean;
}

const columns = `row_number as number, cells, result, message, note, user_id as "userId",
  ${referenceTo('import_rows.org_id', 'import_rows.user_id')} as "user", done_at is not null as done`;

const insert: Statement = {
  name: 'import-rows-insert',
  text: `insert into import_rows (org_id, import_id, row_number, cells, result, message, note, user_id)
    select $1, $2, number, cells::jsonb, result, message, note, user_id
    from unnest($3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[])
      as r (number, cells, result, message, note, user_id)`,
};

export interface NewImportRow {
  readonly number: number;
  readonly cells: readonly string[];
}

/** Writes the rows of a preview. @param verdicts one for each row */
export async function insertImportRows(
  tx: Executor,
  org: OrgId,
  id: string,
  rows: readonly NewImportRow[],
  verdicts: readonly Verdict[],
): Promise<void> {
  await tx.query(insert, [
    org,
    id,
    rows.map(({ number }) => number),
    rows.map(({ cells }) => JSON.stringify(cells)),
    ...asColumns(verdicts),
  ]);
}

const judge: Statement = {
  name: 'import-rows-judge',
  text: `update import_rows r set result = v.result, message = v.message, note = v.note, user_id = v.user_id
    from unnest($3::int[], $4::text[], $5::text[], $6::text[], $7::uuid[]) as v (number, result, message, note, user_id)
    where r.org_id = $1 and r.import_id = $2 and r.row_number = v.number`,
};

/** Writes what the rows of a preview would become by now. */
export async function writeVerdicts(
  tx: Executor,
  org: OrgId,
  id: string,
  numbers: readonly number[],
  verdicts: readonly Verdict[],
): Promise<void> {
  await tx.query(judge, [org, id, numbers, ...asColumns(verdicts)]);
}

function asColumns(verdicts: readonly Verdict[]): readonly (readonly (string | null)[])[] {
  return [
    verdicts.map(({ result }) => result),
    verdicts.map(({ message }) => message ?? null),
    verdicts.map(({ note }) => note ?? null),
    verdicts.map(({ user }) => user ?? null),
  ];
}

const page: Statement = {
  name: 'import-rows-page',
  text: `select ${columns} from import_rows
    where org_id = $1 and import_id = $2 and row_number > $3 and ($4::text is null or result = $4)
    order by row_number limit $5`,
};

export interface ImportRowsPage {
  /** The row behind which the page begins; 0 for the first. */
  readonly after: number;
  readonly limit: number;
  readonly result: RowResult | undefined;
}

/** Rows in the order of the file. */
export function findImportRows(
  db: Executor,
  org: OrgId,
  id: string,
  { after, limit, result }: ImportRowsPage,
): Promise<StoredImportRow[]> {
  return db.query<StoredImportRow>(page, [org, id, after, result ?? null, limit]);
}

const tally: Statement = {
  name: 'import-rows-tally',
  text: `select import_id as import, result, count(*) as rows, count(done_at) as done from import_rows
    where org_id = $1 and import_id = any($2::uuid[]) group by import_id, result`,
};

export interface RowTally {
  readonly import: string;
  readonly result: RowResult;
  readonly rows: number;
  readonly done: number;
}

/** How many rows of each result some imports have, and how many of these are done. */
export function tallyImportRows(db: Executor, org: OrgId, ids: readonly string[]): Promise<RowTally[]> {
  return db.query<RowTally>(tally, [org, ids]);
}

const next: Statement = {
  name: 'import-rows-next',
  text: `select ${columns} from import_rows where org_id = $1 and import_id = $2 and done_at is null
    order by row_number limit 1`,
};

/** The first row that is not done. Under the organization's lock no other user has it. */
export async function findNextRow(
  tx: Executor,
  org: OrgId,
  id: string,
): Promise<StoredImportRow | undefined> {
  return (await tx.query<StoredImportRow>(next, [org, id]))[0];
}

const done: Statement = {
  name: 'import-rows-done',
  text: `update import_rows set result = $4, message = $5, note = $6, user_id = $7, done_at = $8
    where org_id = $1 and import_id = $2 and row_number = $3 and done_at is null`,
};

/** Returns what became of a row, in the transaction of just that; a row that is done stays as it is. */
export async function writeRowDone(
  tx: Executor,
  org: OrgId,
  id: string,
  number: number,
  { result, message, note, user }: Verdict,
  at: string,
): Promise<void> {
  await tx.query(done, [org, id, number, result, message ?? null, note ?? null, user ?? null, at]);
}

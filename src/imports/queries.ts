import type { Authority } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import type { Reference } from '../directory/users/reference.ts';
import type { Database } from '../platform/db/database.ts';
import { importNotFound } from './commands.ts';
import { hashFile, writeErrorCsv } from './file.ts';
import { type ImportFields, readFields, readHeader } from './rules.ts';
import {
  findImport,
  findRunningImport,
  type ImportState,
  listImports,
  type StoredImport,
} from './store/imports.ts';
import {
  findImportRows,
  type ImportRowsPage,
  ROW_RESULTS,
  type RowResult,
  type RowTally,
  tallyImportRows,
} from './store/rows.ts';

/** An import with how far it is. */
export interface ImportOverview extends StoredImport {
  /** Of a preview what would happen, of an import that is done what has. */
  readonly counts: Readonly<Record<RowResult, number>>;
  readonly progress: { readonly done: number; readonly total: number };
}

/** A row of it. */
export interface ImportRow extends ImportFields {
  /** As a spreadsheet numbers it. */
  readonly number: number;
  readonly result: RowResult;
  readonly message: string | undefined;
  readonly note: string | undefined;
  readonly user: Reference | undefined;
  readonly done: boolean;
}

export interface ImportQueries {
  /** The newest first. @throws DomainError `forbidden` */
  list(
    by: Authority,
    page: {
      readonly states: readonly ImportState[] | undefined;
      readonly after: string | undefined;
      readonly limit: number;
    },
  ): Promise<ImportOverview[]>;
  /** @throws DomainError `not_found`, `forbidden`; so do the others */
  get(by: Authority, id: string): Promise<ImportOverview>;
  rows(by: Authority, id: string, page: ImportRowsPage): Promise<ImportRow[]>;
  /** The rows that failed, as the file that is corrected and uploaded again (R36). */
  errorCsv(by: Authority, id: string): Promise<{ readonly fileName: string; readonly text: string }>;
  /** The import of this very file that the caller began and that has not come to its end. */
  findRunning(by: Authority, bytes: Buffer): Promise<string | undefined>;
}

/** Builds the questions about imports. */
export function createImportQueries({ db }: { readonly db: Database }): ImportQueries {
  const load = async (by: Authority, id: string): Promise<StoredImport> => {
    requireWholeOrganization(by, 'imports:run');
    const stored = await findImport(db, by.org, id);
    if (stored === undefined) throw importNotFound();
    return stored;
  };

  return {
    list: async (by, page) => {
      requireWholeOrganization(by, 'imports:run');
      const found = await listImports(db, by.org, page);
      const tallies = await tallyImportRows(
        db,
        by.org,
        found.map(({ id }) => id),
      );
      return found.map((stored) => toOverview(stored, tallies));
    },

    get: async (by, id) => toOverview(await load(by, id), await tallyImportRows(db, by.org, [id])),

    rows: async (by, id, page) => {
      const places = readHeader((await load(by, id)).header);
      const rows = await findImportRows(db, by.org, id, page);
      return rows.map((row) => ({
        ...readFields(places, row.cells),
        number: row.number,
        result: row.result,
        message: row.message ?? undefined,
        note: row.note ?? undefined,
        user: row.user === null ? undefined : row.user,
        done: row.done,
      }));
    },

    errorCsv: async (by, id) => {
      const { header, fileName } = await load(by, id);
      const rows = await findImportRows(db, by.org, id, { after: 0, limit: 2_000, result: 'error' });
      const failed = rows.map(({ number, cells, message }) => ({
        number,
        cells,
        message: message ?? '',
      }));
      return { fileName, text: writeErrorCsv(header, failed) };
    },

    findRunning: (by, bytes) => findRunningImport(db, by.org, hashFile(bytes), by.rights.id),
  };
}

/** @param all of several imports */
function toOverview(stored: StoredImport, all: readonly RowTally[]): ImportOverview {
  const tallies = all.filter((tally) => tally.import === stored.id);
  const sum = (field: 'rows' | 'done') => tallies.reduce((total, tally) => total + tally[field], 0);
  return {
    ...stored,
    counts: Object.fromEntries(
      ROW_RESULTS.map((each) => [each, tallies.find(({ result }) => result === each)?.rows ?? 0]),
    ) as Record<RowResult, number>,
    progress: { done: sum('done'), total: sum('rows') },
  };
}

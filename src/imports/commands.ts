import type { CommandContext, CommandRunner } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import { notFound } from '../directory/not-found.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { principalOf } from '../directory/roles/find-authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import { caseKey } from '../directory/rules/comparison-keys.ts';
import { insertJob } from '../jobs/store/insert.ts';
import { HOUR_MS } from '../platform/time.ts';
import { displayFileName, hashFile, type ImportFile } from './file.ts';
import { type CsvFile, readCsv } from './read-csv.ts';
import { hasStrayCells, type ImportPolicy, readFields, readHeader, STRAY_CELLS } from './rules.ts';
import {
  deleteImport,
  findImport,
  insertImport,
  type StoredImport,
  writeImportConfirmed,
  writeImportPolicy,
} from './store/imports.ts';
import { findImportRows, insertImportRows, type Verdict, writeVerdicts } from './store/rows.ts';
import { decideRow, failed, findRowContext, importReason, skipped } from './verdict.ts';

export const IMPORT_JOB = 'run_import';
const PREVIEW_HOURS = 24;
/** All that a file may have, and some. */
const ALL_ROWS = { after: 0, limit: 2_000, result: undefined };

export interface ImportDependencies {
  readonly runner: CommandRunner;
  /** Where the links of the invitations will lead. */
  readonly publicUrl: string;
}

/** A row of a file, and what would become of it. */
export interface CheckedRow {
  readonly number: number;
  readonly cells: readonly string[];
  readonly verdict: Verdict;
}

/** A file, and what would become of its rows. */
export interface CheckedFile {
  readonly header: readonly string[];
  readonly rows: readonly CheckedRow[];
}

export interface ImportCommands {
  /** Returns what a file would do, and keeps nothing. @throws DomainError as `create` */
  look(by: Authority, file: ImportFile, policy: ImportPolicy): Promise<CheckedFile>;
  /**
   * Makes the preview of a file: nothing is changed yet (R29, R30).
   * @returns the import's id
   * @throws DomainError `forbidden`, `not_csv`, `bad_header`, `too_many_rows`
   */
  create(by: Authority, file: ImportFile, policy: ImportPolicy): Promise<string>;
  /** Looks at every row of a preview anew (R34). @throws DomainError `not_found`, `already_confirmed`, `expired` */
  setPolicy(by: Authority, id: string, policy: ImportPolicy): Promise<void>;
  /** Lets it run, in the name of the caller (R31). @throws DomainError `not_found`, `already_confirmed`, `expired` */
  confirm(by: Authority, id: string): Promise<void>;
  /**
   * Discards an import; the users that it created stay.
   * @throws DomainError `not_found`, `already_confirmed` while it runs
   */
  discard(by: Authority, id: string): Promise<void>;
}

/** Builds the commands about imports; what runs one is in run.ts. */
export function createImportCommands({ runner, publicUrl }: ImportDependencies): ImportCommands {
  return {
    look: async (by, file, policy) => {
      const csv = readCsv(file.bytes);
      return runner.runAs(by, async (context, actor) => {
        requireWholeOrganization(actor, 'imports:run');
        const verdicts = await decideRows(context, actor, csv, policy, displayFileName(file.name));
        const rows = csv.rows.map((row, place) => ({ ...row, verdict: verdicts[place] as Verdict }));
        return { header: csv.header, rows };
      });
    },

    create: async (by, file, policy) => {
      const csv = readCsv(file.bytes);
      return runner.runAs(by, async (context, actor) => {
        requireWholeOrganization(actor, 'imports:run');
        const { tx, org, at, time, newId, recordEvent } = context;
        const [id, fileName] = [newId(), displayFileName(file.name)];
        const made = {
          id,
          fileName,
          fileHash: hashFile(file.bytes),
          header: csv.header,
          onDuplicate: policy,
          createdBy: actor.rights.id,
          expiresAt: new Date(time.getTime() + PREVIEW_HOURS * HOUR_MS).toISOString(),
        };
        const verdicts = await decideRows(context, actor, csv, policy, fileName);
        await insertImport(tx, org, made, at);
        await insertImportRows(tx, org, id, csv.rows, verdicts);
        recordEvent({ action: 'import.created', target: ['import', id] });
        return id;
      });
    },

    setPolicy: (by, id, policy) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org } = context;
        const stored = await loadPreview(context, actor, id);
        const rows = (await findImportRows(tx, org, id, ALL_ROWS)).map(({ number, cells }) => ({
          number,
          cells,
        }));
        const csv = { header: stored.header, rows };
        const verdicts = await decideRows(context, actor, csv, policy, stored.fileName);
        await writeImportPolicy(tx, org, id, policy);
        const numbers = rows.map(({ number }) => number);
        await writeVerdicts(tx, org, id, numbers, verdicts);
      }),

    confirm: (by, id) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, newId, recordEvent } = context;
        await loadPreview(context, actor, id);
        await writeImportConfirmed(tx, org, id, principalOf(actor), publicUrl, at);
        await insertJob(tx, { id: newId(), org, kind: IMPORT_JOB, payload: { org, id } });
        recordEvent({ action: 'import.confirmed', target: ['import', id] });
      }),

    discard: (by, id) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, recordEvent } = context;
        if ((await loadImport(context, actor, id)).state === 'running') {
          throw new DomainError('already_confirmed', 'This import is running: wait until it is done.');
        }
        await deleteImport(tx, org, id);
        recordEvent({ action: 'import.discarded', target: ['import', id] });
      }),
  };
}

async function loadImport({ tx, org }: CommandContext, by: Authority, id: string): Promise<StoredImport> {
  requireWholeOrganization(by, 'imports:run');
  const stored = await findImport(tx, org, id);
  if (stored === undefined) throw importNotFound();
  return stored;
}

async function loadPreview(context: CommandContext, by: Authority, id: string): Promise<StoredImport> {
  const stored = await loadImport(context, by, id);
  if (stored.state !== 'preview') {
    throw new DomainError(
      'already_confirmed',
      'This import was confirmed: upload the file again for another.',
    );
  }
  if (Date.parse(stored.expiresAt) <= context.time.getTime()) {
    throw new DomainError(
      'expired',
      `This preview is more than ${PREVIEW_HOURS} hours old: upload the file again.`,
    );
  }
  return stored;
}

export const importNotFound = (): DomainError => notFound('import');

/** Judges the rows of a file together: of several valid ones with the same address the first is used (R38). */
async function decideRows(
  context: CommandContext,
  by: Authority,
  { header, rows }: CsvFile,
  policy: ImportPolicy,
  fileName: string,
): Promise<Verdict[]> {
  const places = readHeader(header);
  const fields = rows.map(({ cells }) => readFields(places, cells));
  const rowContext = await findRowContext(context, fields);
  const claimed = new Set<string>();
  const verdicts: Verdict[] = [];
  for (const [place, row] of fields.entries()) {
    const key = caseKey(row.email);
    const judged = hasStrayCells(header, rows[place]?.cells ?? [])
      ? failed(STRAY_CELLS)
      : await decideRow(context, by, row, rowContext, { policy, reason: importReason(fileName) });
    const { verdict } =
      judged.verdict.result !== 'error' && claimed.has(key) ? skipped(rowContext.users.get(key)) : judged;
    if (verdict.result !== 'error') claimed.add(key);
    verdicts.push(verdict);
  }
  return verdicts;
}

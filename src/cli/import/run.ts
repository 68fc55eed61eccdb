import type { Authority } from '../../directory/roles/authority.ts';
import type { UserDependencies } from '../../directory/users/dependencies.ts';
import { createImportCommands, type ImportCommands } from '../../imports/commands.ts';
import { type ImportFile, writeErrorCsv } from '../../imports/file.ts';
import { createImportQueries, type ImportOverview, type ImportQueries } from '../../imports/queries.ts';
import { type ImportPolicy, readFields, readHeader } from '../../imports/rules.ts';
import { createImportRuns, type ImportRuns } from '../../imports/run.ts';
import { ROW_RESULTS, type RowResult } from '../../imports/store/rows.ts';
import type { Output } from '../output.ts';
import { createProgressBar } from '../progress-bar.ts';
import { watchForStop } from '../signals.ts';
import { alignRows, cut, printable } from '../text-table.ts';

/** How it ended. */
interface ImportEnd {
  readonly exitCode: number;
  /** For programs. */
  readonly result: {
    readonly state: 'preview' | 'stopped' | 'done';
    readonly counts: Readonly<Record<RowResult, number>>;
    readonly rows: readonly ReportedRow[];
  };
  /** For users. */
  readonly lines: readonly string[];
  /** The rows that failed, if any did. */
  readonly errorCsv: string | undefined;
}

/** More than a file may have. */
const EVERY_ROW = { after: 0, limit: 2_000, result: undefined };
/** Without a terminal, a line is printed every so many rows. */
const ROWS_PER_PROGRESS_LINE = 100;

/** Returns what a file would do, and changes nothing (`--dry-run`). */
export async function previewImport(
  { commands }: Imports,
  by: Authority,
  file: ImportFile,
  policy: ImportPolicy,
): Promise<ImportEnd> {
  const { header, rows } = await commands.look(by, file, policy);
  const places = readHeader(header);
  const reported = rows.map(({ number, cells, verdict: { result, message, note } }) => {
    const { email } = readFields(places, cells);
    return { number, email, result, message, note };
  });
  const count = (result: RowResult) => reported.filter((row) => row.result === result).length;
  const counts = Object.fromEntries(ROW_RESULTS.map((result) => [result, count(result)])) as Record<
    RowResult,
    number
  >;
  const failed = rows.flatMap(({ number, cells, verdict: { result, message = '' } }) =>
    result === 'error' ? [{ number, cells, message }] : [],
  );
  return {
    exitCode: failed.length === 0 ? 0 : 1,
    result: { state: 'preview', counts, rows: reported },
    lines: [...reportRows(reported), '', `${reportCounts(counts, false)}. Nothing was changed.`],
    errorCsv: failed.length === 0 ? undefined : writeErrorCsv(header, failed),
  };
}

/** Imports a file, or continues where it was stopped, until it is done or a signal stops it. */
export async function runImport(
  imports: Imports,
  by: Authority,
  file: ImportFile,
  policy: ImportPolicy,
  output: Output,
): Promise<ImportEnd> {
  const { commands, queries } = imports;
  const running = await queries.findRunning(by, file.bytes);
  const id = running ?? (await commands.create(by, file, policy));
  if (running === undefined) {
    await commands.confirm(by, id);
  } else {
    const { progress, onDuplicate } = await queries.get(by, id);
    const chosen = onDuplicate.replace('_', '-');
    output.say(
      `Continuing after row ${progress.done} of ${progress.total}, with --on-duplicate ${chosen} as before.`,
    );
  }
  const { counts, progress, state } = await runRows(imports, by, id, output);
  const rows = (await queries.rows(by, id, EVERY_ROW)).map(({ number, email, result, message, note }) => ({
    number,
    email,
    result,
    message,
    note,
  }));
  if (state !== 'done') {
    return {
      exitCode: 1,
      result: { state: 'stopped', counts, rows },
      lines: [
        `Stopped: ${progress.done} of ${progress.total} rows are done. Run the same command to continue.`,
      ],
      errorCsv: undefined,
    };
  }
  return {
    exitCode: counts.error === 0 ? 0 : 1,
    result: { state: 'done', counts, rows },
    lines: [
      ...reportRows(rows),
      '',
      `${reportCounts(counts, true)}.`,
      ...(counts.add > 0 ? ['The invitations are queued: the server mails them.'] : []),
    ],
    errorCsv: counts.error === 0 ? undefined : (await queries.errorCsv(by, id)).text,
  };
}

/** Runs row after row until the end or until Ctrl+C, which waits for the current row. */
async function runRows(
  { queries, runs }: Imports,
  by: Authority,
  id: string,
  output: Output,
): Promise<ImportOverview> {
  const stop = watchForStop();
  const bar = createProgressBar(process.stderr);
  try {
    while (!stop.stopped && (await runs.step(by.org, id))) {
      const { progress } = await queries.get(by, id);
      const { done, total } = progress;
      bar.show(done / total);
      if (!process.stderr.isTTY && done % ROWS_PER_PROGRESS_LINE === 0)
        output.say(`${done} of ${total} rows`);
    }
    return await queries.get(by, id);
  } finally {
    bar.end();
    stop.release();
  }
}

/** A row and its result. */
interface ReportedRow {
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
function reportRows(rows: readonly ReportedRow[]): string[] {
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
function reportCounts(counts: Readonly<Record<RowResult, number>>, done: boolean): string {
  const words = done
    ? ({ add: 'added', update: 'updated', skip: 'skipped', error: 'failed' } as const)
    : ({ add: 'to add', update: 'to update', skip: 'to skip', error: 'with errors' } as const);
  return (['add', 'update', 'skip', 'error'] as const)
    .map((result) => `${counts[result].toLocaleString('en')} ${words[result]}`)
    .join(', ');
}

/** What importing needs of the directory: the same commands as the server's. */
interface Imports {
  readonly commands: ImportCommands;
  readonly queries: ImportQueries;
  readonly runs: ImportRuns;
}

/** Builds it. @param publicUrl what the links of the invitations begin with */
export function createImports({ db, now, runner, seal }: UserDependencies, publicUrl: string): Imports {
  const onFailure = (error: unknown) => process.stderr.write(`A row failed: ${(error as Error).stack}\n`);
  return {
    commands: createImportCommands({ runner, publicUrl }),
    queries: createImportQueries({ db }),
    runs: createImportRuns({ db, now, runner, seal, onFailure }),
  };
}

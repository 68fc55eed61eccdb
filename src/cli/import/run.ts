import type { Authority } from '../../directory/authority.ts';
import { type ImportFile, writeErrorCsv } from '../../directory/imports/file.ts';
import type { ImportOverview } from '../../directory/imports/queries.ts';
import { type ImportPolicy, readFields, readHeader } from '../../directory/rules/import-rows.ts';
import { ROW_RESULTS, type RowResult } from '../../directory/store/import-rows.ts';
import { print } from '../command.ts';
import { createProgressBar } from '../progress-bar.ts';
import type { Imports } from './imports.ts';
import { reportCounts, reportRows } from './report.ts';

/** How it ended. */
export interface ImportEnd {
  readonly exitCode: number;
  /** The rows that failed, if any did. */
  readonly errorCsv: string | undefined;
}

/** All that a file may have. */
const EVERY_ROW = { after: 0, limit: 2_000, result: undefined };
/** Where there is no terminal, a line so often. */
const ROWS_A_LINE = 100;

/** Says what a file would do, and changes nothing (`--dry-run`). */
export async function showPreview(
  { commands }: Imports,
  by: Authority,
  file: ImportFile,
  policy: ImportPolicy,
): Promise<ImportEnd> {
  const { header, rows } = await commands.look(by, file, policy);
  const places = readHeader(header);
  const reported = rows.map(({ number, cells, verdict }) => ({
    number,
    email: readFields(places, cells).email,
    ...verdict,
  }));
  const count = (result: RowResult) => reported.filter((row) => row.result === result).length;
  const counts = Object.fromEntries(ROW_RESULTS.map((result) => [result, count(result)]));
  print([...reportRows(reported), ''].join('\n'));
  print(`${reportCounts(counts as Record<RowResult, number>, false)}. Nothing was changed.`);
  const failed = rows.flatMap(({ number, cells, verdict: { result, message = '' } }) =>
    result === 'error' ? [{ number, cells, message }] : [],
  );
  if (failed.length === 0) return { exitCode: 0, errorCsv: undefined };
  return { exitCode: 1, errorCsv: writeErrorCsv(header, failed) };
}

/** Imports a file, or goes on with it where it was stopped, until it is done or somebody stops it. */
export async function runImport(
  imports: Imports,
  by: Authority,
  file: ImportFile,
  policy: ImportPolicy,
): Promise<ImportEnd> {
  const { commands, queries } = imports;
  const running = await queries.findRunning(by, file.bytes);
  const id = running ?? (await commands.create(by, file, policy));
  if (running === undefined) {
    await commands.confirm(by, id);
  } else {
    const { progress, onDuplicate } = await queries.get(by, id);
    print(`Goes on behind row ${progress.done} of ${progress.total}, as it was begun (${onDuplicate}).`);
  }
  const { counts, progress, state } = await carryOut(imports, by, id);
  if (state !== 'done') {
    print(`Stopped: ${progress.done} of ${progress.total} rows are done. The same command goes on.`);
    return { exitCode: 1, errorCsv: undefined };
  }
  const rows = await queries.rows(by, id, EVERY_ROW);
  print([...reportRows(rows), ''].join('\n'));
  print(`${reportCounts(counts, true)}.`);
  if (counts.add > 0) print('The invitations are in the outbox: the server mails them.');
  if (counts.error === 0) return { exitCode: 0, errorCsv: undefined };
  return { exitCode: 1, errorCsv: (await queries.errorCsv(by, id)).text };
}

/** Row after row until the end, or until Ctrl+C; the row in hand is finished. */
async function carryOut({ queries, runs }: Imports, by: Authority, id: string): Promise<ImportOverview> {
  let stopping = false;
  const stop = () => {
    stopping = true;
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, stop);
  const bar = createProgressBar(process.stdout);
  try {
    while (!stopping && (await runs.step(by.org, id))) {
      const { progress } = await queries.get(by, id);
      const { done, total } = progress;
      bar.show(done / total);
      if (!process.stdout.isTTY && done % ROWS_A_LINE === 0) print(`${done} of ${total} rows`);
    }
    return await queries.get(by, id);
  } finally {
    bar.end();
    for (const signal of signals) process.off(signal, stop);
  }
}

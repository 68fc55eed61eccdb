import type { CommandContext, CommandRunner } from '../directory/command-runner.ts';
import { DomainError, type DomainErrorCode } from '../directory/errors.ts';
import type { OrgId } from '../directory/ids.ts';
import { changeRoleWithin } from '../directory/roles/commands.ts';
import { findAuthority, type Principal } from '../directory/roles/find-authority.ts';
import { loadDirectoryUser } from '../directory/users/target.ts';
import { inviteWithin } from '../invitations/invite.ts';
import { insertJob } from '../jobs/store/insert.ts';
import { linksOf } from '../notifications/mails.ts';
import type { Database } from '../platform/db/database.ts';
import { retryable } from '../platform/db/errors.ts';
import { DatabaseUnavailable } from '../platform/db/unavailable.ts';
import { uuidv7 } from '../platform/ids.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { IMPORT_JOB } from './commands.ts';
import { readFields, readHeader } from './rules.ts';
import { findImport, type StoredImport, writeImportFinished } from './store/imports.ts';
import {
  findNextRow,
  type StoredImportRow,
  tallyImportRows,
  type Verdict,
  writeRowDone,
} from './store/rows.ts';
import { decideRow, failed, findRowContext, importReason, skipped } from './verdict.ts';

export interface RunDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
  /** Called for an internal error that failed a row. */
  readonly onFailure: (error: unknown) => void;
}

/** How much one job does before another continues, so that other imports get their turn. */
export interface BatchLimits {
  readonly rows: number;
  readonly milliseconds: number;
}

export interface ImportRuns {
  /**
   * Carries out the next row of a confirmed import: the change and that the row is done are one transaction, so
   * a run after a crash continues with the next row (R31). Several processes may run the same import.
   * @returns false once the import is at its end
   * @throws DatabaseUnavailable, StatementTimeout: nothing was done, continue later
   */
  step(org: OrgId, id: string): Promise<boolean>;
  /**
   * Carries out some rows, and puts the rest into the outbox as a job of its own.
   * @throws the reason of `signal` between two rows once it is aborted
   */
  runBatch(org: OrgId, id: string, limits: BatchLimits, signal: AbortSignal): Promise<void>;
}

/** An import that a user confirmed. */
type ConfirmedImport = StoredImport & { readonly confirmedBy: Principal; readonly publicUrl: string };

/** How often a row is tried again because a connection, which takes no lock of the organization, was a moment faster. */
const ATTEMPTS = 3;
/** What such a row is rejected with: a user who came, or a user or a group that went. */
const RACED: readonly DomainErrorCode[] = ['email_taken', 'not_found', 'group_not_found'];

const NO_LONGER =
  'The administrator who confirmed this import may no longer import users: another administrator can upload this row again.';
const GONE = 'This user was deleted after the preview: upload the row again to invite them.';
const OURS = 'Something went wrong on our side with this row: upload it again.';

/** Builds what runs confirmed imports. */
export function createImportRuns(dependencies: RunDependencies): ImportRuns {
  const { db, now, runner, onFailure } = dependencies;

  const step: ImportRuns['step'] = async (org, id) => {
    const stored = await findImport(db, org, id);
    if (stored === undefined || !isRunning(stored)) return false;
    for (let left = ATTEMPTS; ; left -= 1) {
      let inHand: StoredImportRow | undefined;
      try {
        return await runner.withOrganization(org, stored.confirmedBy.origin, async (context) => {
          inHand = await findNextRow(context.tx, org, id);
          if (inHand === undefined) return finish(context, id);
          const verdict = await carryOut(context, stored, inHand, dependencies);
          await writeRowDone(context.tx, org, id, inHand.number, verdict, context.at);
          return true;
        });
      } catch (error) {
        if (inHand === undefined || isPassing(error)) throw error;
        if (left > 1 && error instanceof DomainError && RACED.includes(error.code)) continue;
        if (!(error instanceof DomainError)) onFailure(error);
        await writeRowDone(db, org, id, inHand.number, verdictOn(error), now().toISOString());
        return true;
      }
    }
  };

  return {
    step,

    runBatch: async (org, id, { rows, milliseconds }, signal) => {
      const end = performance.now() + milliseconds;
      for (let left = rows; left > 0 && performance.now() < end; left -= 1) {
        signal.throwIfAborted();
        if (!(await step(org, id))) return;
      }
      const at = now();
      const job = { id: uuidv7(at.getTime()), org, kind: IMPORT_JOB, payload: { org, id } };
      await insertJob(db, job);
    },
  };
}

/** Decides a row against the current directory, and applies it if it is still allowed. */
async function carryOut(
  context: CommandContext,
  stored: ConfirmedImport,
  row: StoredImportRow,
  { seal }: RunDependencies,
): Promise<Verdict> {
  const { tx, org, at } = context;
  const by = await findAuthority(tx, org, stored.confirmedBy, 'imports:run', at);
  if (by === undefined) return failed(NO_LONGER).verdict;
  const fields = readFields(readHeader(stored.header), row.cells);
  const rowContext = await findRowContext(context, [fields]);
  const reason = importReason(stored.fileName);
  const judged = await decideRow(context, by, fields, rowContext, { policy: stored.onDuplicate, reason });
  if ('target' in judged) {
    const target = await loadDirectoryUser(context, judged.target.id);
    await changeRoleWithin(context, by, target, judged.user.role, null, reason);
    return judged.verdict;
  }
  if (!('user' in judged)) return judged.verdict;
  if (row.result === 'update') return failed(GONE).verdict;
  const { user } = await inviteWithin(
    context,
    by,
    { ...judged.user, jobFunction: undefined, reason },
    { seal, links: linksOf(stored.publicUrl) },
    { source: 'import', share: 'csv' },
  );
  return { ...judged.verdict, user };
}

async function finish({ tx, org, at, recordEvent }: CommandContext, id: string): Promise<false> {
  if (await writeImportFinished(tx, org, id, at)) {
    const tallies = await tallyImportRows(tx, org, [id]);
    const values = Object.fromEntries(tallies.map(({ result, rows }) => [result, [null, rows] as const]));
    recordEvent({ action: 'import.finished', target: ['import', id], changes: { values } });
  }
  return false;
}

function isRunning(stored: StoredImport): stored is ConfirmedImport {
  return stored.state === 'running' && stored.confirmedBy !== null && stored.publicUrl !== null;
}

/** What passes by itself: the row is as good as it was. */
function isPassing(error: unknown): boolean {
  return error instanceof DatabaseUnavailable || retryable(error);
}

/** What a row becomes whose transaction was rolled back: it must not stop those behind it (R35). */
function verdictOn(error: unknown): Verdict {
  if (!(error instanceof DomainError)) return failed(OURS).verdict;
  return (error.code === 'email_taken' ? skipped(undefined) : failed(error.message)).verdict;
}

import { statedReason } from '../audit/declaration.ts';
import type { CommandRunner } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { ConnectionId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import { type Authority, isOwner } from '../directory/roles/authority.ts';
import { principalOf } from '../directory/roles/find-authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import { findImport } from '../imports/store/imports.ts';
import { insertJob } from '../jobs/store/insert.ts';
import { UNDO_DAYS } from '../maintenance/store.ts';
import type { Database } from '../platform/db/database.ts';
import { isUuid, timeOfUuidv7 } from '../platform/ids.ts';
import { findConnection } from '../provisioning/store/connections.ts';
import { BATCH_PERMISSIONS, type Batch, type BatchInput, type BatchKind } from './batch.ts';
import { type PlannedItem, planToken, planUndo } from './rules/plan.ts';
import type { PastEvent } from './rules/transitions.ts';
import { countOpenItems, insertItems } from './store/items.ts';
import { findBatch, findPresent, findSince } from './store/past.ts';
import { findUndo, insertUndo, type StoredUndo, writeUndoConfirmed } from './store/undos.ts';

export const UNDO_JOB = 'run_undo';
/** Changes that one undo takes back at most. */
const MOST_CHANGES = 50_000;
const PREVIEW_HOURS = 1;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long a request may have gone on after its id was made. */
const REQUEST_MS = HOUR_MS;

export interface UndoDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
}

/** How an undo is carried out. */
export interface UndoIntent {
  /** The token of the preview. */
  readonly token: string;
  readonly reason: string | undefined;
  /** Whether API keys that a deactivation stopped work again. */
  readonly keys: boolean;
}

export interface UndoCommands {
  /**
   * Makes the preview of an undo: nothing is changed yet (R152).
   * @returns its id
   * @throws DomainError `not_found`, `unknown_batch`, `batch_too_large`, `conflict`, `forbidden`
   */
  preview(by: Authority, batch: BatchInput): Promise<string>;
  /**
   * Lets it run, in the name of the caller.
   * @throws DomainError `not_found`, `already_confirmed`, `expired`, `impact_confirmation_required`, `step_up_required`
   */
  confirm(by: Authority, id: string, intent: UndoIntent): Promise<void>;
}

/** Builds the commands about undos; what carries one out is in run.ts. */
export function createUndoCommands({ db, now, runner }: UndoDependencies): UndoCommands {
  /** Reads outside of the organization's lock: a preview blocks no one, and each item is checked again. */
  const plan = async (by: Authority, batch: Batch): Promise<readonly PlannedItem[]> => {
    const { org } = by;
    const own = await findBatch(db, org, batch, MOST_CHANGES + 1);
    if (own.length > MOST_CHANGES) {
      throw new DomainError(
        'batch_too_large',
        `An undo takes back at most ${MOST_CHANGES} changes: choose a shorter span, and undo one after the other, the latest first.`,
      );
    }
    const subjects = subjectsOf(own);
    const inBatch = new Set(own.map(({ id }) => id));
    const others = (await findSince(db, org, subjects, batch.from)).filter(({ id }) => !inBatch.has(id));
    const events = [...own, ...others].sort((left, right) => (left.id < right.id ? -1 : 1));
    const present = await findPresent(db, org, subjects, own, batch.from);
    return planUndo(events, present, { user: by.rights.id, isOwner: isOwner(by.rights) });
  };

  return {
    preview: async (by, input) => {
      const batch = await resolveBatch({ db, now }, by, input);
      const items = await plan(by, batch);
      if (items.length === 0 && batch.kind === 'request') {
        throw new DomainError(
          'unknown_batch',
          'No change that can be undone has this request id: send the X-Request-Id of the answer to the bulk action.',
        );
      }
      return runner.runAs(by, async ({ tx, org, at, time, newId }, actor) => {
        requireWholeOrganization(actor, BATCH_PERMISSIONS[batch.kind]);
        const id = newId();
        const expiresAt = new Date(time.getTime() + PREVIEW_HOURS * HOUR_MS).toISOString();
        const token = planToken(batch, items);
        await insertUndo(tx, org, { id, batch, token, createdBy: actor.rights.id, expiresAt }, at);
        await insertItems(tx, org, id, items);
        return id;
      });
    },

    confirm: async (by, id, { token, reason, keys }) => {
      const shown = await loadPreview(db, by, id, now());
      const current = planToken(shown.batch, await plan(by, shown.batch));
      await runner.runProven(by, async ({ tx, org, at, time, newId, recordEvent }, actor) => {
        const { batch, token: stored } = await loadPreview(tx, actor, id, time);
        if (token !== stored || current !== stored) {
          throw new DomainError(
            'impact_confirmation_required',
            'Look at the preview of this undo first and send its token: it is missing, or something that the undo would change has changed since. Make a new preview.',
          );
        }
        await writeUndoConfirmed(tx, org, id, principalOf(actor), { reason, keys }, at);
        await insertJob(tx, { id: newId(), org, kind: UNDO_JOB, payload: { org, id } });
        const changes = await countOpenItems(tx, org, id);
        recordEvent({
          action: 'undo.started',
          target: ['undo', id],
          changes: {
            values: {
              batch: [null, batch.kind],
              source: [null, batch.id],
              from: [null, batch.from],
              to: [null, batch.to],
              changes: [null, changes],
            },
          },
          ...statedReason(reason),
        });
      });
    },
  };
}

/** An undo that was not confirmed yet. @throws DomainError `not_found`, `already_confirmed`, `expired` */
async function loadPreview(
  db: Pick<Database, 'query'>,
  by: Authority,
  id: string,
  now: Date,
): Promise<StoredUndo> {
  const stored = await findUndo(db, by.org, id);
  if (stored === undefined) throw notFound('undo');
  requireWholeOrganization(by, BATCH_PERMISSIONS[stored.batch.kind]);
  if (stored.state !== 'preview') {
    throw new DomainError(
      'already_confirmed',
      'This undo was started already: make a new preview for another.',
    );
  }
  if (Date.parse(stored.expiresAt) <= now.getTime()) {
    throw new DomainError('expired', 'This preview is more than an hour old: make a new one.');
  }
  return stored;
}

function subjectsOf(events: readonly PastEvent[]) {
  const [users, groups] = [new Set<string>(), new Set<string>()];
  for (const { action, target, member } of events) {
    (action.startsWith('group.') ? groups : users).add(target);
    if (member !== null) users.add(member);
  }
  return { users: [...users], groups: [...groups] };
}

/** Finds out which events a caller means. @throws DomainError `not_found`, `unknown_batch`, `conflict`, `forbidden` */
async function resolveBatch(
  { db, now }: Pick<UndoDependencies, 'db' | 'now'>,
  by: Authority,
  input: BatchInput,
): Promise<Batch> {
  const kind: BatchKind =
    'connectionId' in input
      ? 'connection'
      : 'importId' in input
        ? 'import'
        : 'undoId' in input
          ? 'undo'
          : 'request';
  requireWholeOrganization(by, BATCH_PERMISSIONS[kind]);
  const { org } = by;
  const time = now();
  const within = (batch: Batch): Batch => {
    if (Date.parse(batch.from) >= time.getTime() - UNDO_DAYS * DAY_MS) return batch;
    throw new DomainError(
      'unknown_batch',
      `What was there before is kept for ${UNDO_DAYS} days: an undo does not reach further back.`,
    );
  };
  if ('connectionId' in input) {
    const { connectionId: id, from } = input;
    const to = input.to < time.toISOString() ? input.to : time.toISOString();
    if ((await findConnection(db, org, id as ConnectionId, time.toISOString())) === undefined) {
      throw notFound('scim_connection');
    }
    if (from >= to) {
      throw new DomainError(
        'unknown_batch',
        'The span is empty: "from" must be before "to", and in the past.',
      );
    }
    return within({ kind, id, from, to, requestId: null });
  }
  if ('importId' in input) {
    const stored = await findImport(db, org, input.importId);
    if (stored === undefined) throw notFound('import');
    const { confirmedBy: principal, confirmedAt: from, finishedAt: to } = stored;
    if (principal === null || from === null) {
      throw new DomainError('unknown_batch', 'This import was not started: there is nothing to undo.');
    }
    if (to === null) throw new DomainError('conflict', 'This import is running: wait until it is done.');
    return within({ kind, id: stored.id, from, to, requestId: principal.origin.requestId });
  }
  if ('undoId' in input) {
    const stored = await findUndo(db, org, input.undoId);
    if (stored === undefined) throw notFound('undo');
    const { confirmedBy: principal, confirmedAt: from, finishedAt: to } = stored;
    if (principal === null || from === null) {
      throw new DomainError('unknown_batch', 'This undo was not started: there is nothing to undo.');
    }
    if (to === null) throw new DomainError('conflict', 'This undo is running: wait until it is done.');
    return within({ kind, id: stored.id, from, to, requestId: principal.origin.requestId });
  }
  const id = input.requestId.toLowerCase();
  if (!isUuid(id)) {
    throw new DomainError('unknown_batch', 'The request id must be the X-Request-Id of an answer.');
  }
  const began = timeOfUuidv7(id);
  const from = new Date(began.getTime() - 60_000).toISOString();
  const to = new Date(began.getTime() + REQUEST_MS).toISOString();
  return within({ kind, id, from, to, requestId: id });
}

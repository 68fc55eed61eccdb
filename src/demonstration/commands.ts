import type { CommandDependencies } from '../directory/command-dependencies.ts';
import { DomainError } from '../directory/errors.ts';
import type { OrgId } from '../directory/ids.ts';
import { requireReal } from '../directory/organizations/store/demonstrations.ts';
import { type Authority, isOwner } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import { insertJob } from '../jobs/store/insert.ts';
import type { Executor } from '../platform/db/statement.ts';
import { uuidv7 } from '../platform/ids.ts';
import {
  endSessionsAndRecord,
  type LiveSession,
  type StartedSession,
  startSession,
} from '../sign-in/sessions.ts';
import {
  beginDemonstration,
  beginRemoval,
  type DemonstrationRow,
  findDemonstration,
  findDemonstrationOwner,
} from './store/demonstrations.ts';

export const DEMONSTRATION_JOB = 'tend_demonstration';

/** What an organization knows of its demonstration. */
export interface Demonstration {
  readonly state: 'none' | DemonstrationRow['state'];
  /** How far loading is. */
  readonly percent: number;
  readonly name: string | null;
  /** ISO 8601 */
  readonly loadedAt: string | null;
}

export interface DemonstrationCommands {
  /** @throws DomainError `forbidden` */
  status(by: Authority): Promise<Demonstration>;
  /** Has a job load it. @throws DomainError `owner_only`, `conflict` if there is one, `demonstration` */
  load(by: Authority): Promise<Demonstration>;
  /** Has a job remove it whole. @throws DomainError `owner_only`, `conflict` if no demonstration is loaded */
  remove(by: Authority): Promise<Demonstration>;
  /** Begins a session of the demonstration’s owner, which counts only beside this one. @throws DomainError `owner_only`, `conflict` */
  open(by: Authority, session: LiveSession): Promise<StartedSession & { readonly name: string }>;
  /** Ends it; nothing happens to a session of another organization. */
  leave(by: Authority, session: LiveSession): Promise<void>;
}

/** Asks for the demonstration of an organization, in a transaction of the caller’s. @throws DomainError `conflict` */
async function requestLoad(tx: Executor, org: OrgId, at: string, time: Date): Promise<void> {
  await requireReal(tx, org);
  if (!(await beginDemonstration(tx, org, at))) {
    throw new DomainError('conflict', 'There is a demonstration organization already: remove it first.');
  }
  await insertJob(tx, { id: uuidv7(time.getTime()), org, kind: DEMONSTRATION_JOB, payload: { org } });
}

/** Asks for its removal. @throws DomainError `conflict` */
async function requestRemoval(tx: Executor, org: OrgId, time: Date): Promise<void> {
  const before = await beginRemoval(tx, org);
  if (before === undefined) {
    throw new DomainError('conflict', 'There is no demonstration organization, or it is being removed.');
  }
  // While it is being loaded, the job that loads it stops and removes it: one job at a time works on it.
  if (before === 'loading') return;
  await insertJob(tx, { id: uuidv7(time.getTime()), org, kind: DEMONSTRATION_JOB, payload: { org } });
}

/** Builds the commands about the demonstration of an organization (ADR 0050). */
export function createDemonstrationCommands({ db, runner }: CommandDependencies): DemonstrationCommands {
  const status = async (executor: Executor, org: OrgId): Promise<Demonstration> => {
    const {
      state = 'none',
      percent = 0,
      name = null,
      loadedAt = null,
    } = (await findDemonstration(executor, org)) ?? {};
    return { state, percent, name, loadedAt };
  };

  return {
    status: async (by) => {
      requireWholeOrganization(by, 'settings:manage');
      return status(db, by.org);
    },

    load: (by) =>
      runner.runAs(by, async ({ tx, org, at, time, recordEvent }, actor) => {
        requireOwner(actor);
        await requestLoad(tx, org, at, time);
        recordEvent({ action: 'demonstration.loaded', target: ['organization', org] });
        return status(tx, org);
      }),

    remove: (by) =>
      runner.runAs(by, async ({ tx, org, time, recordEvent }, actor) => {
        requireOwner(actor);
        await requestRemoval(tx, org, time);
        recordEvent({ action: 'demonstration.removed', target: ['organization', org] });
        return status(tx, org);
      }),

    open: async (by, session) => {
      requireOwner(by);
      const { state, id, name } = (await findDemonstration(db, by.org)) ?? {};
      if (state !== 'ready' || !id || !name) {
        throw new DomainError('conflict', 'There is no demonstration organization to open: load it first.');
      }
      const user = await findDemonstrationOwner(db, id);
      if (user === undefined) {
        throw new DomainError(
          'conflict',
          'The demonstration has no active owner left: remove it and load it again.',
        );
      }
      const actor = { type: 'user', id: user, via: 'sign_in' } as const;
      // Who opens it is not known there: neither their address nor their browser.
      const client = { ip: undefined, userAgent: undefined };
      const { requestId } = by.origin;
      const started = await runner.withoutLock(id, { actor, requestId, client }, (context) =>
        startSession(context, user, 'the demonstration button', client, { openedFrom: session.id }),
      );
      return { ...started, name };
    },

    leave: async (by, session) => {
      if (session.openedBy === undefined) return;
      await runner.withoutLock(by.org, by.origin, async (context) => {
        await endSessionsAndRecord(context, by.rights.id, { only: session.id });
      });
    },
  };
}

/** @throws DomainError `forbidden`, `owner_only` */
function requireOwner(by: Authority): void {
  requireWholeOrganization(by, 'settings:manage');
  if (isOwner(by.rights)) return;
  throw new DomainError(
    'owner_only',
    'Only an owner loads, opens and removes the demonstration organization.',
  );
}

import type { TargetedEvent } from '../audit/catalogue.ts';
import { type EventEnvelope, envelope } from '../audit/envelope.ts';
import { recordEvents } from '../audit/store/append.ts';
import type { Database } from '../platform/db/database.ts';
import type { Executor } from '../platform/db/statement.ts';
import { uuidv7 } from '../platform/ids.ts';
import { createKeyedSemaphore } from '../platform/semaphore.ts';
import type { Origin } from './actor.ts';
import { DomainError } from './errors.ts';
import type { OrgId } from './ids.ts';
import { keepingAnOwner, type RequireActiveOwner } from './last-owner.ts';
import { lockOrganization } from './organizations/store/owners.ts';
import type { Authority } from './roles/authority.ts';
import { findCurrentRights } from './roles/find-authority.ts';
import { FORBIDDEN } from './roles/rules/guards.ts';
import { requireRecentProof } from './roles/rules/recent-proof.ts';

/** What a command of an administrator works with, inside its transaction. */
export interface CommandContext {
  readonly tx: Executor;
  readonly org: OrgId;
  /** ISO 8601; one time for everything that the command writes. */
  readonly at: string;
  readonly time: Date;
  newId(): string;
  /** For a statement that writes its events by itself. */
  envelope(): EventEnvelope;
  /** Returns what happened; written with the rest when the command ends. */
  recordEvent(event: TargetedEvent): void;
  /** Writes that can take an owner away require what this returns; the check runs before the command commits. */
  readonly requireActiveOwner: RequireActiveOwner;
}

/** Work without the organization's lock: post-conditions over several rows cannot be checked in it. */
export type UnlockedContext = Omit<CommandContext, 'requireActiveOwner'>;

export interface CommandRunnerDependencies {
  readonly db: Database;
  readonly now: () => Date;
}

export interface CommandRunner {
  /**
   * Runs a command of a user: in one transaction under the organization's lock, so that rules that span rows
   * hold (ADR 0011), and with the user's rights as they are now, not as they were when the request came in.
   * @throws DomainError `forbidden` if the user is no longer active, `last_owner`; whatever `work` throws
   */
  runAs<Result>(
    by: Authority,
    work: (work: CommandContext, by: Authority) => Promise<Result>,
  ): Promise<Result>;
  /**
   * The same for a command that needs a recent proof of who calls (R90), whatever interface it comes by.
   * @throws DomainError `step_up_required`, and as `runAs`
   */
  runProven<Result>(
    by: Authority,
    work: (work: CommandContext, by: Authority) => Promise<Result>,
  ): Promise<Result>;
  /** The same for who is no user of the directory: the system, an invitee, a user who signs in. */
  withOrganization<Result>(
    org: OrgId,
    origin: Origin,
    work: (work: CommandContext) => Promise<Result>,
  ): Promise<Result>;
  /**
   * Runs a command that decides over no rows but those it holds itself: failed sign-ins, sessions, rejected messages.
   * It waits neither in the organization's queue nor for its lock, so that unauthenticated clients hold up no administrator.
   */
  withoutLock<Result>(
    org: OrgId,
    origin: Origin,
    work: (work: UnlockedContext) => Promise<Result>,
  ): Promise<Result>;
}

/** Commands of one organization that have a connection in this process: one works, one waits at the lock. */
const AT_ONCE = 2;

/** Builds the frame of every command that is not a connection's. */
export function createCommandRunner({ db, now }: CommandRunnerDependencies): CommandRunner {
  const inTurn = createKeyedSemaphore(AT_ONCE);
  // What unauthenticated clients bring about has a share of the connections of its own, apart from the organization's commands.
  const transact = <Result>(
    org: OrgId,
    origin: Origin,
    isLocked: boolean,
    work: (work: CommandContext) => Promise<Result>,
  ): Promise<Result> =>
    db.transaction(isLocked ? org : `${org} sign-in`, async (tx) => {
      if (isLocked) await lockOrganization(tx, org);
      const time = now();
      const at = time.toISOString();
      const events: TargetedEvent[] = [];
      const result = await keepingAnOwner(tx, org, (requireActiveOwner) =>
        work({
          tx,
          org,
          at,
          time,
          newId: () => uuidv7(time.getTime()),
          envelope: () => envelope(origin, uuidv7(time.getTime()), at),
          recordEvent: (event) => events.push(event),
          requireActiveOwner,
        }),
      );
      await recordEvents(tx, org, envelope(origin, uuidv7(time.getTime()), at), events);
      return result;
    });
  const withOrganization: CommandRunner['withOrganization'] = (org, origin, work) =>
    inTurn(org, () => transact(org, origin, true, work));

  const runAs: CommandRunner['runAs'] = async <Result>(
    by: Authority,
    work: (work: CommandContext, by: Authority) => Promise<Result>,
  ) => {
    const command = by.request?.nextCommand();
    if (command?.known !== undefined) return command.known.result as Result;
    return withOrganization(by.org, by.origin, (frame) => {
      const run = async () => {
        const current = await findCurrentRights(frame.tx, by.org, by.rights.id, by.actor, frame.at);
        if (current?.rights.status !== 'active') throw new DomainError('forbidden', FORBIDDEN);
        return work(frame, { ...by, ...current });
      };
      return command === undefined ? run() : command.once(frame.tx, run);
    });
  };

  return {
    withOrganization,

    withoutLock: (org, origin, work) => transact(org, origin, false, work),

    runAs,

    runProven: async (by, work) => {
      requireRecentProof(by, now());
      return runAs(by, work);
    },
  };
}

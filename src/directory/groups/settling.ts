import { startFeed } from '../../audit/feed.ts';
import { requestJob } from '../../jobs/store/insert.ts';
import type { Database } from '../../platform/db/database.ts';
import { uuidv7 } from '../../platform/ids.ts';
import type { Origin } from '../actor.ts';
import type { CommandContext, CommandRunner } from '../command-runner.ts';
import { DomainError } from '../errors.ts';
import type { GroupId, OrgId, UserId } from '../ids.ts';
import { rangeOfPattern } from './rules/address-pattern.ts';
import type { Membership } from './store/memberships.ts';
import {
  advanceSettlement,
  beginSettlement,
  countToSettle,
  endSettlement,
  findPatternGroups,
  findSettlement,
  findStrayMemberships,
  holdPatternGroups,
  holdSignInAddresses,
  joinByPattern,
  leaveByPattern,
  type PatternGroup,
  readAddresses,
  readPatternMembers,
  type Settlement,
} from './store/patterns.ts';

/** Has the members of a group follow its pattern, in batches. */
export const SETTLE_GROUP_JOB = 'settle_group';

/** Groups of an organization that may have a pattern: each address is compared with all of them. */
const MOST_GROUPS = 200;
/** Members or addresses that one transaction looks at. */
const BATCH = 1_000;

type SettlingContext = Pick<CommandContext, 'tx' | 'org' | 'at' | 'recordEvent'>;

/** The system itself, which follows what others have decided. */
export const settlingOrigin = (now: Date): Origin => ({
  actor: { type: 'system', id: 'worker', via: 'schedule' },
  requestId: uuidv7(now.getTime()),
});

/**
 * Has the members of a group follow its pattern once the command commits, from then on and for those who are there.
 * @param group with the pattern that it has now
 * @param previous the pattern that it had before
 * @throws DomainError `too_many`
 */
export async function requestSettlement(
  { tx, org, newId }: Pick<CommandContext, 'tx' | 'org' | 'newId'>,
  group: GroupId,
  previous: string | null,
): Promise<void> {
  const groups = await findPatternGroups(tx, org);
  if (groups.length > MOST_GROUPS) {
    throw new DomainError(
      'too_many',
      `At most ${MOST_GROUPS} groups of an organization add people by their address: take the pattern from another group first.`,
    );
  }
  // Without another group nothing was followed; what this one has to follow is what is not committed yet.
  if (groups.every(({ id }) => id === group) && previous === null) await startFeed(tx, org, 'patterns');
  await beginSettlement(tx, org, group, previous);
  await requestJob(tx, { id: newId(), org, kind: SETTLE_GROUP_JOB, payload: { org, group } }, group);
}

/**
 * Makes users members of the groups whose pattern matches their sign-in address, and ends what a pattern gave those whose
 * address it does not match. Deleted users keep what they have until they are restored. Runs under the organization's lock.
 */
export async function settleUsers(context: SettlingContext, users: readonly UserId[]): Promise<void> {
  const { tx, org, at } = context;
  const groups = await holdPatternGroups(tx, org);
  await holdSignInAddresses(tx, org, users);
  const stray = await findStrayMemberships(tx, org, users, { only: undefined, deleted: false });
  const byId = patternsOf(groups);
  record(context, 'left', await leaveByPattern(tx, org, stray, at), (group) => byId.get(group));
  record(context, 'joined', await joinByPattern(tx, org, users, undefined, at), (group) => byId.get(group));
}

const patternsOf = (groups: readonly PatternGroup[]): ReadonlyMap<GroupId, string> =>
  new Map(groups.map(({ id, pattern }) => [id, pattern]));

function record(
  { recordEvent }: Pick<SettlingContext, 'recordEvent'>,
  what: 'joined' | 'left',
  memberships: readonly Membership[],
  patternOf: (group: GroupId) => string | undefined,
): void {
  for (const { group, user } of memberships) {
    const pattern = patternOf(group) ?? null;
    recordEvent({
      action: what === 'joined' ? 'group.member_added' : 'group.member_removed',
      target: ['group', group],
      member: user,
      changes: { values: { autoAssignPattern: what === 'joined' ? [null, pattern] : [pattern, null] } },
    });
  }
}

/** How far a settlement is, in percent; undefined once it is at its end. */
type Progress = number | undefined;

/**
 * Builds the settlement of one group: each step is a transaction with its place, so a run after a crash goes on where the last
 * one ended, and a pattern that is changed meanwhile begins from the start.
 */
export function createGroupSettling({
  db,
  now,
  runner,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
}): { readonly step: (org: OrgId, group: GroupId) => Promise<Progress> } {
  return {
    step: async (org, group) => {
      const seen = await findSettlement(db, org, group);
      if (seen === undefined) return undefined;
      const total = seen.total > 0 ? seen.total : await countRows(db, org, group, seen);
      return runner.withOrganization(org, settlingOrigin(now()), async (context) => {
        const settlement = await findSettlement(context.tx, org, group);
        if (settlement === undefined) return undefined;
        const next = await settleNext(context, group, settlement);
        if (next === undefined) {
          await endSettlement(context.tx, org, group);
          return undefined;
        }
        await advanceSettlement(context.tx, org, group, { ...next, total });
        return total === 0 ? 0 : Math.min(99, Math.floor((100 * next.done) / total));
      });
    },
  };
}

const countRows = (db: Database, org: OrgId, group: GroupId, { pattern }: Settlement): Promise<number> =>
  countToSettle(db, org, group, pattern === null ? undefined : rangeOfPattern(pattern));

/** Settles the next members or addresses. @returns the place behind them; undefined if none is left */
async function settleNext(
  context: SettlingContext,
  group: GroupId,
  { phase, after, done, previous, pattern }: Settlement,
): Promise<Pick<Settlement, 'phase' | 'after' | 'done'> | undefined> {
  const { tx, org, at } = context;
  if (phase === 'leave' && previous !== null) {
    const page = await readPatternMembers(tx, org, group, after, BATCH);
    await holdSignInAddresses(tx, org, page.matching);
    const stray = await findStrayMemberships(tx, org, page.matching, { only: group, deleted: true });
    record(context, 'left', await leaveByPattern(tx, org, stray, at), () => previous);
    if (page.last !== undefined) return { phase, after: page.last, done: done + page.read };
    return pattern === null ? undefined : { phase: 'join', after: '', done };
  }
  if (pattern === null) return undefined;
  const from = phase === 'leave' ? '' : after;
  const page = await readAddresses(tx, org, pattern, rangeOfPattern(pattern), from, BATCH);
  await holdSignInAddresses(tx, org, page.matching);
  record(context, 'joined', await joinByPattern(tx, org, page.matching, group, at), () => pattern);
  return page.last === undefined ? undefined : { phase: 'join', after: page.last, done: done + page.read };
}

import { countOf } from '../../platform/counts.ts';
import type { Database } from '../../platform/db/database.ts';
import { runDry, withoutRepeats } from '../dry-run.ts';
import type { GroupId } from '../ids.ts';
import { type Authority, scopeOf } from '../roles/authority.ts';
import { type RoleTotals, totalsInWords, totalsOf } from '../rules/role-effects.ts';
import type { Reference } from '../users/reference.ts';
import type { Role } from '../users/user.ts';
import { createGroupAdministration, type GroupAdministration } from './commands.ts';
import type { AdministeredGroup, GroupInput } from './group.ts';
import { rangeOfPattern } from './rules/address-pattern.ts';
import { type CountedPeople, findJoining, findLeaving } from './store/patterns.ts';
import { type EffectCount, findRoleEffects } from './store/role-effects.ts';

/** Some users by number, and the first of them by name. */
export interface MovingPeople {
  readonly users: number;
  /** False if there are more. */
  readonly usersAreExact: boolean;
  readonly people: readonly Reference[];
}

/** What a change of a group would do to its members, and who would be one (R153). */
export interface GroupPreview {
  readonly sentence: string;
  readonly role: { readonly before: Role | null; readonly after: Role | null };
  readonly roles: RoleTotals;
  readonly changes: readonly EffectCount[];
  readonly joining: MovingPeople;
  readonly leaving: MovingPeople;
}

/** Members that are named of each change. */
const NAMED = 100;
/** Those who would join or leave are counted up to here. */
const COUNTED = 10_000;

const NO_ONE: CountedPeople = { ids: [], isCounted: true, people: [] };

export interface GroupPreviews {
  /** What a change would do. @throws DomainError as the command that changes a group */
  readonly ofChange: (
    caller: Authority,
    id: GroupId,
    words: Partial<GroupInput>,
    condition: { readonly force: boolean; readonly ifMatch: readonly string[] | undefined },
  ) => Promise<GroupPreview>;
  /** What a new group would do. @throws DomainError as the command that creates a group */
  readonly ofCreation: (caller: Authority, words: GroupInput) => Promise<GroupPreview>;
}

/** Builds the dry runs of groups: the same commands, rolled back. */
export function createGroupPreviews(dependencies: {
  readonly db: Database;
  readonly now: () => Date;
}): GroupPreviews {
  const preview = async (
    caller: Authority,
    change: (
      groups: GroupAdministration,
      by: Authority,
    ) => Promise<{ readonly before: AdministeredGroup | undefined; readonly after: AdministeredGroup }>,
  ): Promise<GroupPreview> =>
    effectsOf(
      caller,
      await runDry(dependencies, caller.org, (dry) =>
        change(createGroupAdministration(dry), withoutRepeats(caller)),
      ),
    );

  /** Counted once the change is rolled back: commands of others do not wait for it. */
  const effectsOf = async (
    by: Authority,
    { before, after }: { readonly before: AdministeredGroup | undefined; readonly after: AdministeredGroup },
  ): Promise<GroupPreview> => {
    const { db, now } = dependencies;
    const role = { before: before?.role ?? null, after: after.role };
    const named = scopeOf(by, 'users:read') === 'all' ? NAMED : 0;
    const { joining, leaving } = await findMoving(db, by, before, after, named);
    const changes = await findRoleEffects(
      db,
      by.org,
      after.id,
      { from: role.before, to: role.after, joining: joining.ids, leaving: leaving.ids },
      now().toISOString(),
      named,
    );
    const isMoving = (before?.autoAssignPattern ?? null) !== after.autoAssignPattern;
    const unchanged = isMoving ? 'No one would join or leave' : 'No one’s role would change';
    const totals = totalsOf(changes);
    const effects = [
      movingInWords(joining, 'join'),
      movingInWords(leaving, 'leave'),
      totalsInWords(totals),
    ].filter((part) => part !== '');
    return {
      sentence: `${effects.length === 0 ? unchanged : effects.join(', ')}. Nothing was changed.`,
      role,
      roles: totals,
      changes,
      joining: toMoving(joining),
      leaving: toMoving(leaving),
    };
  };

  return {
    ofChange: (caller, id, words, condition) =>
      preview(caller, async (groups, by) => {
        const before = await groups.get(by, id);
        return { before, after: await groups.update(by, id, words, condition) };
      }),
    ofCreation: (caller, words) =>
      preview(caller, async (groups, by) => ({ before: undefined, after: await groups.create(by, words) })),
  };
}

/** Who would join and leave, if the pattern changes. */
async function findMoving(
  db: Database,
  { org }: Authority,
  before: AdministeredGroup | undefined,
  after: AdministeredGroup,
  named: number,
): Promise<{ readonly joining: CountedPeople; readonly leaving: CountedPeople }> {
  const [was, is] = [before?.autoAssignPattern ?? null, after.autoAssignPattern];
  if (was === is) return { joining: NO_ONE, leaving: NO_ONE };
  const limits = { counted: COUNTED, named };
  return {
    joining: is === null ? NO_ONE : await findJoining(db, org, after.id, is, rangeOfPattern(is), limits),
    leaving: was === null ? NO_ONE : await findLeaving(db, org, after.id, is, limits),
  };
}

const toMoving = ({ ids, isCounted, people }: CountedPeople): MovingPeople => ({
  users: ids.length,
  usersAreExact: isCounted,
  people,
});

/** `More than 10,000 people would join`; empty for no one. */
function movingInWords({ ids, isCounted }: CountedPeople, verb: 'join' | 'leave'): string {
  if (ids.length === 0) return '';
  return `${isCounted ? '' : 'More than '}${countOf(ids.length, 'person', 'people')} would ${verb}`;
}

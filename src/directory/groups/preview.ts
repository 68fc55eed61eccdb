import type { Database } from '../../platform/db/database.ts';
import { runDry, withoutRepeats } from '../dry-run.ts';
import type { GroupId } from '../ids.ts';
import { type Authority, scopeOf } from '../roles/authority.ts';
import { type RoleTotals, totalsInWords, totalsOf } from '../rules/role-effects.ts';
import type { Role } from '../users/user.ts';
import { createGroupAdministration } from './commands.ts';
import type { GroupInput } from './group.ts';
import { type EffectCount, findRoleEffects } from './store/role-effects.ts';

/** What a change of a group would do to its members (R153). */
export interface GroupPreview {
  readonly sentence: string;
  readonly role: { readonly before: Role | null; readonly after: Role | null };
  readonly roles: RoleTotals;
  readonly changes: readonly EffectCount[];
}

/** Members that are named of each change. */
const NAMED = 100;

/** Builds the dry run of a group's change: the same command, rolled back. */
export function createGroupPreview(dependencies: { readonly db: Database; readonly now: () => Date }) {
  /** @throws DomainError as the command that changes a group */
  return (
    caller: Authority,
    id: GroupId,
    words: Partial<GroupInput>,
    condition: { readonly force: boolean; readonly ifMatch: readonly string[] | undefined },
  ): Promise<GroupPreview> =>
    runDry(dependencies, caller.org, async (dry) => {
      const by = withoutRepeats(caller);
      const groups = createGroupAdministration(dry);
      const before = await groups.get(by, id);
      const after = await groups.update(by, id, words, condition);
      const role = { before: before.role, after: after.role };
      const roles = { from: before.role, to: after.role };
      const at = dependencies.now().toISOString();
      const changes =
        before.role === after.role
          ? []
          : await findRoleEffects(
              dry.db,
              by.org,
              id,
              roles,
              at,
              scopeOf(by, 'users:read') === 'all' ? NAMED : 0,
            );
      const totals = totalsOf(changes);
      const effects = totalsInWords(totals);
      return {
        sentence: `${effects === '' ? 'No one’s role would change' : effects}. Nothing was changed.`,
        role,
        roles: totals,
        changes,
      };
    });
}

export type PreviewGroup = ReturnType<typeof createGroupPreview>;

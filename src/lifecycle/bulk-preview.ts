import { runDry, withoutRepeats } from '../directory/dry-run.ts';
import type { DomainErrorCode } from '../directory/errors.ts';
import { createGroupAdministration } from '../directory/groups/commands.ts';
import type { OrgId, UserId } from '../directory/ids.ts';
import { type Authority, effectiveRole, type Rights, scopeOf } from '../directory/roles/authority.ts';
import { createRoleCommands } from '../directory/roles/commands.ts';
import { requirePermission } from '../directory/roles/rules/guards.ts';
import { findRightsOf } from '../directory/roles/store.ts';
import {
  type RoleEffect,
  type RoleTotals,
  totalsInWords,
  totalsOf,
} from '../directory/rules/role-effects.ts';
import type { UserDependencies } from '../directory/users/dependencies.ts';
import type { Reference } from '../directory/users/reference.ts';
import { findReferences } from '../directory/users/store/references.ts';
import type { Role } from '../directory/users/user.ts';
import { createInvitationCommands } from '../invitations/commands.ts';
import { countOf } from '../platform/counts.ts';
import type { Executor } from '../platform/db/statement.ts';
import { type BulkAction, type BulkCommands, type BulkResult, createBulkCommands } from './bulk.ts';
import { createLifecycleCommands } from './commands.ts';

/** What would become of one of several users. */
export interface PreviewedUser extends BulkResult, RoleEffect {
  /** Null for a user whom the caller does not see. */
  readonly user: Reference | null;
}

/** What a bulk action would do (R153). */
export interface BulkPreview {
  readonly sentence: string;
  /** How many of each result, the most frequent first; `code` is undefined for those that would be changed. */
  readonly counts: readonly {
    readonly code: DomainErrorCode | undefined;
    readonly message: string | undefined;
    readonly users: number;
  }[];
  readonly roles: RoleTotals;
  /** In the order in which they were named. */
  readonly people: readonly PreviewedUser[];
}

/** Builds the bulk commands of some dependencies, which may be those of a dry run. */
export function createBulkOf(dependencies: UserDependencies): BulkCommands {
  return createBulkCommands({
    groups: createGroupAdministration(dependencies),
    roles: createRoleCommands(dependencies),
    lifecycle: createLifecycleCommands(dependencies),
    invitations: createInvitationCommands(dependencies),
  });
}

/** Users of one transaction, which holds its locks for so many commands. */
const TOGETHER = 50;

/** Builds the dry run of bulk actions: the same commands, rolled back. */
export function createBulkPreview(dependencies: UserDependencies) {
  const { db, now } = dependencies;

  const rolesOf = async (tx: Executor, org: OrgId, users: readonly UserId[]) => {
    const rights = await findRightsOf(tx, org, users, now().toISOString());
    return new Map<UserId, Rights>(rights.map((each) => [each.id, each]));
  };

  const runTogether = (by: Authority, users: readonly UserId[], action: BulkAction) =>
    runDry(dependencies, by.org, async (dry) => {
      const bulk = createBulkOf({ ...dependencies, ...dry });
      const found: (BulkResult & RoleEffect)[] = [];
      for (const user of users) {
        const before = await rolesOf(dry.db, by.org, [user]);
        const confirmed =
          action.action === 'change_role'
            ? { ...action, impactToken: (await bulk.roleImpact(by, [user], action.role)).impactToken }
            : action;
        const [result] = await bulk.run(by, [user], confirmed);
        const after = await rolesOf(dry.db, by.org, [user]);
        if (result === undefined) continue;
        found.push({ ...result, before: roleIn(before, user), after: roleIn(after, user) });
      }
      return found;
    });

  return async (caller: Authority, given: readonly UserId[], action: BulkAction): Promise<BulkPreview> => {
    const by = withoutRepeats(caller);
    requirePermission(by, 'users:manage');
    const users = [...new Set(given)];
    const results = new Map<UserId, BulkResult & RoleEffect>();
    for (let from = 0; from < users.length; from += TOGETHER) {
      for (const result of await runTogether(by, users.slice(from, from + TOGETHER), action)) {
        results.set(result.id, result);
      }
    }
    const found = users.flatMap((user) => results.get(user) ?? []);
    const mayName = scopeOf(by, 'users:read') !== 'none';
    const seen = found.filter(({ code }) => mayName && code !== 'not_found').map(({ id }) => id);
    const names = await findReferences(db, by.org, seen);
    const people = found.map((each) => ({
      ...(each.code === 'not_found' ? { ...each, before: null, after: null } : each),
      user: names.get(each.id) ?? null,
    }));
    const roles = totalsOf(people);
    return { sentence: sentenceOf(action, people, roles), counts: countsOf(people), roles, people };
  };
}

function roleIn(rights: ReadonlyMap<UserId, Rights>, user: UserId): Role | null {
  const found = rights.get(user);
  return found === undefined || found.status === 'inactive' ? null : effectiveRole(found);
}

function countsOf(people: readonly PreviewedUser[]): BulkPreview['counts'] {
  const counts = new Map<
    string,
    { code: DomainErrorCode | undefined; message: string | undefined; users: number }
  >();
  for (const { code, message } of people) {
    const count = counts.get(code ?? '') ?? { code, message, users: 0 };
    count.users += 1;
    counts.set(code ?? '', count);
  }
  return [...counts.values()].sort((left, right) => right.users - left.users);
}

const DONE: Readonly<Record<BulkAction['action'], string>> = {
  add_to_group: 'would be added',
  remove_from_group: 'would be removed from the groups',
  change_role: 'would get the role',
  deactivate: 'would be deactivated',
  activate: 'would be activated',
  resend_invite: 'would be invited again',
};

function sentenceOf({ action }: BulkAction, people: readonly PreviewedUser[], roles: RoleTotals): string {
  const changed = people.filter(({ ok }) => ok).length;
  const refused = people.length - changed;
  const parts = [
    `${countOf(changed, 'user')} ${DONE[action]}`,
    refused === 0 ? '' : `${refused.toLocaleString('en')} would be refused`,
    totalsInWords(roles),
  ];
  return `${parts.filter((part) => part !== '').join(', ')}. Nothing was changed.`;
}

export type PreviewBulk = ReturnType<typeof createBulkPreview>;

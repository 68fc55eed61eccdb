import type { CommandContext } from '../command-runner.ts';
import { DomainError } from '../errors.ts';
import { type GroupId, parseGroupId, type UserId } from '../ids.ts';
import { type Authority, managedGroups, scopeOf } from '../roles/authority.ts';
import { forbidden, type RolePolicy, requireGrantable, roleLimit } from '../roles/rules/guards.ts';
import { compareRoles } from '../roles/rules/roles.ts';
import { caseKey } from '../rules/comparison-keys.ts';
import type { GroupHead } from './group.ts';
import { matchesAddressPattern } from './rules/address-pattern.ts';
import { holdGroupHeads } from './store/memberships.ts';
import { findAddingGroup, findPatternGroups } from './store/patterns.ts';

/**
 * Finds groups that a user named, by id or by name without regard to case.
 * @throws DomainError `group_not_found`
 */
export async function findChosenGroups(
  { tx, org }: Pick<CommandContext, 'tx' | 'org'>,
  references: readonly string[],
): Promise<GroupHead[]> {
  if (references.length === 0) return [];
  const ids = references.flatMap((reference) => parseGroupId(reference) ?? []);
  const heads = await holdGroupHeads(
    tx,
    org,
    ids,
    references.map((reference) => caseKey(reference.trim())),
  );
  return chooseGroups(heads, references);
}

/** Picks named groups out of those that were found. @throws DomainError `group_not_found` */
export function chooseGroups(heads: readonly GroupHead[], references: readonly string[]): GroupHead[] {
  const chosen = references.map((reference) => {
    const [id, key] = [parseGroupId(reference), caseKey(reference.trim())];
    return heads.find((head) => head.id === id || head.nameKey === key);
  });
  if (chosen.some((head) => head === undefined)) throw new DomainError('group_not_found', 'Group not found');
  return [...new Set(chosen as GroupHead[])];
}

/**
 * Checks that the caller may put users into these groups: they reach them, no directory owns them, and
 * they carry no role above the asker's limit (guard rules 3 and 4).
 * @throws DomainError `forbidden`, `managed_by_directory`, `role_above_limit`
 */
export function requireGroups(by: Authority, groups: readonly GroupHead[], policy: RolePolicy): void {
  const scope = scopeOf(by, 'groups:members');
  if (groups.length > 0 && scope === 'none') throw forbidden();
  const managed = managedGroups(by.rights);
  for (const group of groups) {
    if (scope !== 'all' && !managed.has(group.id)) {
      throw forbidden(`You do not manage the group "${group.name}": choose groups that you manage.`);
    }
    requireUnmanaged(group);
    if (group.role !== null) requireGrantable(by, group.role, policy);
  }
}

/**
 * A user whom a pattern added leaves by their address, or with the pattern: they would be added again.
 * @throws DomainError `member_by_pattern`
 */
export async function requireNotAddedByPattern(
  { tx, org }: Pick<CommandContext, 'tx' | 'org'>,
  groups: readonly GroupId[],
  user: UserId,
): Promise<void> {
  const adding = await findAddingGroup(tx, org, user, groups);
  if (adding === undefined) return;
  const { name, pattern } = adding;
  throw new DomainError(
    'member_by_pattern',
    pattern === null
      ? `"${name}" no longer adds people by their address: this user leaves it by themselves within moments.`
      : `This user is in "${name}" because their address matches ${pattern}: change the address, or the pattern of the group.`,
  );
}

/**
 * Guard rule 4: who makes a user with an address makes a member of each group that adds everyone with such an address.
 * @throws DomainError `role_above_limit`
 */
export async function requireAddressWithinLimit(
  { tx, org }: Pick<CommandContext, 'tx' | 'org'>,
  by: Authority,
  email: string,
  policy: RolePolicy,
): Promise<void> {
  const limit = roleLimit(by, policy)?.role ?? 'readonly';
  for (const { name, role, pattern } of await findPatternGroups(tx, org)) {
    if (role === null || compareRoles(role, limit) <= 0 || !matchesAddressPattern(pattern, email)) continue;
    throw new DomainError(
      'role_above_limit',
      `Everyone with ${pattern} is in "${name}" and has the role ${role}, which is above what you may assign: ask an administrator.`,
    );
  }
}

/** @throws DomainError `managed_by_directory` */
export function requireUnmanaged({ name, source }: GroupHead): void {
  if (source === 'manual') return;
  throw new DomainError(
    'managed_by_directory',
    `The members of "${name}" are managed by your identity provider: change them there.`,
  );
}

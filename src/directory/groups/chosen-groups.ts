import type { Work } from '../command-runner.ts';
import { Refusal } from '../errors.ts';
import { parseGroupId } from '../ids.ts';
import { type Authority, managedGroups, scopeOf } from '../roles/authority.ts';
import { demandGrantable, forbidden, type RolePolicy } from '../roles/rules/guards.ts';
import { caseKey } from '../rules/comparison-keys.ts';
import { findGroupHeads, type GroupHead } from './store/memberships.ts';

/**
 * Finds groups that somebody named, by id or by name without regard to case.
 * @throws Refusal `group_not_found`
 */
export async function findChosenGroups(
  { tx, org }: Pick<Work, 'tx' | 'org'>,
  references: readonly string[],
): Promise<GroupHead[]> {
  if (references.length === 0) return [];
  const ids = references.flatMap((reference) => parseGroupId(reference) ?? []);
  const heads = await findGroupHeads(
    tx,
    org,
    ids,
    references.map((reference) => caseKey(reference.trim())),
  );
  return chooseGroups(heads, references);
}

/** Picks named groups out of those that were found. @throws Refusal `group_not_found` */
export function chooseGroups(heads: readonly GroupHead[], references: readonly string[]): GroupHead[] {
  const chosen = references.map((reference) => {
    const [id, key] = [parseGroupId(reference), caseKey(reference.trim())];
    return heads.find((head) => head.id === id || head.display_name_key === key);
  });
  if (chosen.some((head) => head === undefined)) throw new Refusal('group_not_found', 'Group not found');
  return [...new Set(chosen as GroupHead[])];
}

/**
 * Checks that the one who asks may put people into these groups: they reach them, no directory owns them, and
 * they carry no role above the asker's limit (guard rules 3 and 4).
 * @throws Refusal `forbidden`, `managed_by_directory`, `role_above_limit`
 */
export function demandGroups(by: Authority, groups: readonly GroupHead[], policy: RolePolicy): void {
  const scope = scopeOf(by, 'groups:members');
  if (groups.length > 0 && scope === 'none') throw forbidden();
  const managed = managedGroups(by.rights);
  for (const group of groups) {
    if (scope !== 'all' && !managed.has(group.id)) {
      throw forbidden(`You do not manage the group "${group.display_name}": choose groups that you manage.`);
    }
    demandUnmanaged(group);
    if (group.role !== null) demandGrantable(by, group.role, policy);
  }
}

/** @throws Refusal `managed_by_directory` */
export function demandUnmanaged({ display_name, source }: GroupHead): void {
  if (source === 'manual') return;
  throw new Refusal(
    'managed_by_directory',
    `The members of "${display_name}" are managed by your identity provider: change them there.`,
  );
}

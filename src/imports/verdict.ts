import type { CommandContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import { chooseGroups } from '../directory/groups/chosen-groups.ts';
import type { GroupHead } from '../directory/groups/group.ts';
import { findGroupHeads } from '../directory/groups/store/memberships.ts';
import { parseGroupId } from '../directory/ids.ts';
import type { Settings } from '../directory/organizations/settings.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireRoleChange } from '../directory/roles/commands.ts';
import { caseKey } from '../directory/rules/comparison-keys.ts';
import { findDirectoryUsers } from '../directory/users/store/users.ts';
import type { DirectoryUser } from '../directory/users/user.ts';
import { requireInvitable } from '../invitations/invite.ts';
import {
  checkFields,
  DUPLICATE_EMAIL,
  GROUP_NOT_FOUND,
  type ImportedUser,
  type ImportFields,
  type ImportPolicy,
  MAX_ROW_GROUPS,
} from './rules.ts';
import { findHolders } from './store/imports.ts';
import type { Verdict } from './store/rows.ts';

/** What of the directory the rows of a file touch. */
interface RowContext {
  /** Existing users by the key of their address. */
  readonly users: ReadonlyMap<string, DirectoryUser>;
  readonly groups: readonly GroupHead[];
  readonly settings: Settings;
}

/** A verdict, with what carrying it out needs. */
export type RowDecision =
  | { readonly verdict: Verdict & { readonly result: 'add' }; readonly user: ImportedUser }
  | {
      readonly verdict: Verdict & { readonly result: 'update' };
      readonly user: ImportedUser;
      readonly target: DirectoryUser;
    }
  | { readonly verdict: Verdict & { readonly result: 'skip' | 'error' } };

const MANAGED = 'Managed by your identity provider: only the role can change';
const ROLE_ONLY = 'Only the role changes; name and groups stay as they are';
const SAME_ROLE = 'Has this role already';

/** The reason in the invitation (R120) and the event. */
export function importReason(fileName: string): string {
  return `CSV import ${fileName}`;
}

/** Loads what rows touch, in a few statements however many they are. */
export async function findRowContext(
  { tx, org, at }: Pick<CommandContext, 'tx' | 'org' | 'at'>,
  rows: readonly ImportFields[],
): Promise<RowContext> {
  const names = [...new Set(rows.flatMap(({ groups }) => groups.slice(0, MAX_ROW_GROUPS)))];
  const { settings } = await findSettings(tx, org);
  const groups = await findGroupHeads(
    tx,
    org,
    names.flatMap((name) => parseGroupId(name) ?? []),
    names.map(caseKey),
  );
  const holders = await findHolders(tx, org, [...new Set(rows.map(({ email }) => caseKey(email)))]);
  const found = await findDirectoryUsers(tx, org, [...new Set(holders.values())], at);
  const byId = new Map(found.map((user) => [user.id, user]));
  const users = new Map(
    [...holders].flatMap(([key, id]) => {
      const user = byId.get(id);
      return user === undefined ? [] : [[key, user] as const];
    }),
  );
  return { users, groups, settings };
}

/**
 * Returns what becomes of a row if it were carried out now, with the rights of the caller (R30, R33 to R35):
 * a row that the guard rules forbid is an error like every other.
 */
export async function decideRow(
  work: Pick<CommandContext, 'tx' | 'org'>,
  by: Authority,
  fields: ImportFields,
  { users, groups, settings }: RowContext,
  { policy, reason }: { readonly policy: ImportPolicy; readonly reason: string },
): Promise<RowDecision> {
  const user = checkFields(fields);
  if (typeof user === 'string') return failed(user);
  const target = users.get(caseKey(user.email));
  try {
    const chosen = chooseGroups(groups, user.groups);
    if (target === undefined) {
      requireInvitable(by, { name: user.name, role: user.role, reason }, chosen, settings);
      return { verdict: { result: 'add', message: undefined, note: undefined, user: undefined }, user };
    }
    const managed = target.managed ? MANAGED : undefined;
    if (policy === 'skip' || target.role === user.role) {
      return skipped(target, managed ?? (policy === 'skip' ? undefined : SAME_ROLE));
    }
    await requireRoleChange(work, by, target, user.role, settings);
    const note = managed ?? ROLE_ONLY;
    return { verdict: { result: 'update', message: undefined, note, user: target.id }, user, target };
  } catch (error) {
    return failed(sentenceOf(error), target?.managed ? MANAGED : undefined);
  }
}

/** A row that stays as it is. @param message the sentence that the list and the error file show */
export function failed(message: string, note?: string): RowDecision {
  return { verdict: { result: 'error', message, note, user: undefined } };
}

/** A row about a user who is here, or further up in the file, already (R34, R38). */
export function skipped(target: Pick<DirectoryUser, 'id'> | undefined, note?: string): RowDecision {
  return { verdict: { result: 'skip', message: DUPLICATE_EMAIL, note, user: target?.id } };
}

/** @throws whatever it is given that is no rejection */
function sentenceOf(error: unknown): string {
  if (!(error instanceof DomainError)) throw error;
  return error.code === 'group_not_found' ? GROUP_NOT_FOUND : error.message;
}

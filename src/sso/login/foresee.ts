import type { CommandContext } from '../../directory/command-runner.ts';
import { findGroupHeads } from '../../directory/groups/store/memberships.ts';
import { findSettings } from '../../directory/organizations/store/settings.ts';
import { caseKey } from '../../directory/rules/comparison-keys.ts';
import type { Role } from '../../directory/users/user.ts';
import type { LinkDecision, VerifiedIdentity } from '../rules/account-linking.ts';
import {
  decideGroups,
  groupKeys,
  groupsAreDecisive,
  type IdpGroups,
  type IgnoredGroup,
  roleOfKnownUser,
  roleOfNewUser,
} from '../rules/idp-groups.ts';
import type { LoginCandidate } from '../store/logins.ts';
import type { LoginConnection } from './connection.ts';

/** What a sign-in would bring to a user, for the result of a test. */
export interface Foreseen {
  /** The role that they would get; undefined if it stays as it is. */
  readonly role: Role | undefined;
  /** Groups that they would be in by the provider's names for them. */
  readonly joins: readonly string[];
  /** Groups that would be made. */
  readonly creates: readonly string[];
  readonly ignored: readonly { readonly name: string; readonly why: IgnoredGroup }[];
}

/**
 * @param user the one whom the decision names; undefined if there is none
 * @returns role and groups that a sign-in would bring; nothing of it is done
 */
export async function foreseeLogin(
  { tx, org }: CommandContext,
  { provisioning }: LoginConnection,
  identity: Pick<VerifiedIdentity, 'groups' | 'groupsOverage'>,
  scimPushesGroups: boolean,
  decision: LinkDecision,
  user: LoginCandidate | undefined,
): Promise<Foreseen> {
  const stated: IdpGroups = {
    groups: identity.groups,
    overage: identity.groupsOverage,
    scimPushesGroups,
    provisioning,
  };
  const decisive = groupsAreDecisive(stated);
  const names = decisive ? (identity.groups ?? []) : [];
  const { create, ignored } = decideGroups(
    stated,
    await findGroupHeads(tx, org, [], names.flatMap(groupKeys)),
  );
  const left = new Set([...ignored.map(({ name }) => name), ...create].map(caseKey));
  const { settings } = await findSettings(tx, org);
  return {
    role: roleThen(),
    joins: [...new Set(names)].filter((name) => !groupKeys(name).some((key) => left.has(key))),
    creates: create,
    ignored,
  };

  function roleThen(): Role | undefined {
    if (decision.kind === 'create') return roleOfNewUser(stated, settings);
    return user && roleOfKnownUser(stated, { owner: user.owner, roleManaged: user.roleManaged });
  }
}

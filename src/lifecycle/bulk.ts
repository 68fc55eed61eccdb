import { createHash } from 'node:crypto';
import { DomainError, type DomainErrorCode } from '../directory/errors.ts';
import type { GroupAdministration } from '../directory/groups/commands.ts';
import type { GroupId, UserId } from '../directory/ids.ts';
import type { Authority } from '../directory/roles/authority.ts';
import type { RoleCommands, SeenImpact } from '../directory/roles/commands.ts';
import type { Role } from '../directory/users/user.ts';
import type { InvitationCommands } from '../invitations/commands.ts';
import type { LifecycleCommands } from './commands.ts';

/** What is done to each of several users. */
export type BulkAction =
  | { readonly action: 'add_to_group' | 'remove_from_group'; readonly groups: readonly GroupId[] }
  | {
      readonly action: 'change_role';
      readonly role: Role;
      readonly impactToken: string | undefined;
      readonly reason: string | undefined;
    }
  | { readonly action: 'deactivate'; readonly reason: string | undefined }
  | { readonly action: 'activate' | 'resend_invite' };

/** What became of one of them. */
export interface BulkResult {
  readonly id: UserId;
  readonly ok: boolean;
  readonly code?: DomainErrorCode;
  readonly message?: string;
}

export interface BulkCommands {
  /** Does the same to each; one that is rejected does not stop the others (R96). */
  run(by: Authority, users: readonly UserId[], action: BulkAction): Promise<BulkResult[]>;
  /** What a role would change for each, and the one token that confirms all of it. */
  roleImpact(
    by: Authority,
    users: readonly UserId[],
    role: Role,
  ): Promise<{
    readonly impacts: readonly (SeenImpact & { readonly id: UserId })[];
    readonly impactToken: string;
  }>;
}

export interface BulkDependencies {
  readonly groups: GroupAdministration;
  readonly roles: RoleCommands;
  readonly lifecycle: LifecycleCommands;
  readonly invitations: InvitationCommands;
}

/** Builds the commands that change several users in one request. */
export function createBulkCommands({
  groups,
  roles,
  lifecycle,
  invitations,
}: BulkDependencies): BulkCommands {
  const roleImpact: BulkCommands['roleImpact'] = async (by, users, role) => {
    const impacts = [];
    for (const id of [...users].sort()) {
      const impact = await roles.impact(by, id, role).catch(notVisible);
      if (impact !== undefined) impacts.push({ ...impact, id });
    }
    const all = createHash('sha256').update(impacts.map((each) => each.impactToken).join());
    return { impacts, impactToken: all.digest('base64url') };
  };

  /** The token of each user, if the one token confirms them all. @throws DomainError `impact_confirmation_required` */
  const tokensOf = async (by: Authority, users: readonly UserId[], role: Role, token: string | undefined) => {
    const { impacts, impactToken } = await roleImpact(by, users, role);
    if (token !== impactToken) {
      throw new DomainError(
        'impact_confirmation_required',
        'Look at what this changes first (POST /users/bulk/role-impact) and send its impactToken.',
      );
    }
    return new Map(impacts.map((each) => [each.id, each.impactToken]));
  };

  const each = async (
    users: readonly UserId[],
    one: (user: UserId) => Promise<unknown>,
  ): Promise<BulkResult[]> => {
    const results: BulkResult[] = [];
    for (const id of users) {
      try {
        await one(id);
        results.push({ id, ok: true });
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        results.push({ id, ok: false, code: error.code, message: error.message });
      }
    }
    return results;
  };

  return {
    roleImpact,

    run: async (by, given, action) => {
      const users = [...new Set(given)];
      switch (action.action) {
        case 'add_to_group':
          return each(users, (user) => groups.addMembers(by, action.groups, [user], 'member'));
        case 'remove_from_group':
          return each(users, (user) => groups.removeMember(by, action.groups, user));
        case 'change_role': {
          const { role, reason } = action;
          const tokens = await tokensOf(by, users, role, action.impactToken);
          return each(users, (user) =>
            roles.changeRole(by, user, { role, impactToken: tokens.get(user), reason, force: false }, false),
          );
        }
        case 'deactivate': {
          const reason = action.reason === undefined ? {} : { reason: action.reason };
          return each(users, (user) =>
            lifecycle.deactivate(by, user, { ...reason, notify: false, force: false }),
          );
        }
        case 'activate':
          return each(users, (user) =>
            lifecycle.activate(by, user, { restoreGroups: true, reenableApiKeys: false, force: false }),
          );
        case 'resend_invite':
          return each(users, (user) => invitations.resendTo(by, user));
      }
    },
  };
}

/** A missing user is reported in its own result and does not stop the others. */
function notVisible(error: unknown): undefined {
  if (error instanceof DomainError && error.code === 'not_found') return undefined;
  throw error;
}

import { countOwnedResources } from '../../access/resources/store.ts';
import { statedReason } from '../../audit/declaration.ts';
import { notifyOfChanges } from '../../notifications/account-changed.ts';
import { requireTraining } from '../../onboarding/training.ts';
import { listSessions } from '../../sign-in/store/sessions.ts';
import type { CommandContext } from '../command-runner.ts';
import { DomainError } from '../errors.ts';
import type { UserId } from '../ids.ts';
import type { Settings } from '../organizations/settings.ts';
import { findSettings } from '../organizations/store/settings.ts';
import type { UserDependencies } from '../users/dependencies.ts';
import { writeOwner, writeRole } from '../users/store/edits.ts';
import { findDirectoryUser } from '../users/store/users.ts';
import { loadDirectoryUser, requireOwnRole } from '../users/target.ts';
import type { DirectoryUser, Role } from '../users/user.ts';
import { type Authority, effectiveRole, isOwner, scopeOf } from './authority.ts';
import {
  mayRead,
  requireGrantable,
  requireManage,
  requireOther,
  requirePermission,
  userNotFound,
} from './rules/guards.ts';
import { impactToken, type RoleImpact, roleImpact } from './rules/impact.ts';
import { compareRoles } from './rules/roles.ts';

/** The impact with what only the database knows, and the token that confirms it. */
export interface SeenImpact extends RoleImpact {
  readonly ownedResources: number;
  readonly openSessions: number;
  readonly impactToken: string;
}

export interface RoleIntent {
  readonly role: Role;
  /** Undefined: no one has looked at the impact. */
  readonly impactToken: string | undefined;
  readonly reason: string | undefined;
  /** Whether an owner insists though the directory owns the role. */
  readonly force: boolean;
}

export interface RoleCommands {
  /** What a role would change (R74). @throws DomainError `not_found`, `forbidden` */
  impact(by: Authority, id: UserId, role: Role): Promise<SeenImpact>;
  /**
   * Sets the direct role (R73 to R77).
   * @throws DomainError `not_found`, `forbidden`, `self_change`, `role_above_limit`, `impact_confirmation_required`,
   *   `training_required`, `last_owner`
   */
  changeRole(by: Authority, id: UserId, intent: RoleIntent, notify: boolean): Promise<void>;
  /** @throws DomainError `owner_only` unless an owner asks */
  requireOwner(by: Authority): void;
  /** Makes an owner, or no longer one. @throws DomainError `owner_only`, `self_change`, `role_not_admin`, `last_owner` */
  setOwner(by: Authority, id: UserId, owner: boolean): Promise<void>;
}

/**
 * What must hold before a user's direct role may become another; an import's preview asks as well.
 * @throws DomainError `self_change`, `forbidden`, `role_above_limit`, `managed_by_directory`, `training_required`
 */
export async function requireRoleChange(
  context: Pick<CommandContext, 'tx' | 'org'>,
  by: Authority,
  user: DirectoryUser,
  role: Role,
  settings: Settings,
  force = false,
): Promise<void> {
  requireOther(by, user);
  requireManage(by, user, 'edit', 'roles:assign');
  requireGrantable(by, role, settings);
  if (role !== user.role) requireOwnRole(by, user, force);
  if (compareRoles(role, user.role) > 0) await requireTraining(context, settings, user.id, role);
}

/**
 * Changes a direct role, in a command's transaction.
 * @param confirmed the token of the impact that the caller was shown; null if the interface showed it in its own way
 */
export async function changeRoleWithin(
  context: CommandContext,
  by: Authority,
  user: DirectoryUser,
  role: Role,
  confirmed: string | undefined | null,
  reason: string | undefined,
  force = false,
): Promise<boolean> {
  const { settings } = await findSettings(context.tx, context.org);
  await requireRoleChange(context, by, user, role, settings, force);
  if (user.role === role) return false;
  if (confirmed !== null && confirmed !== impactToken(user, role)) {
    throw new DomainError(
      'impact_confirmation_required',
      'Read the impact of this change first (GET …/role-impact) and send its impactToken: it is missing, or the user has changed since.',
    );
  }
  await writeRoleWithin(context, user, role, reason);
  return true;
}

/** Writes a direct role and its events, in the transaction of a command that has checked who may assign it. */
export async function writeRoleWithin(
  { tx, org, at, recordEvent, requireActiveOwner }: CommandContext,
  user: DirectoryUser,
  role: Role,
  reason: string | undefined,
): Promise<void> {
  const before = effectiveRole(user);
  const after = effectiveRole({ ...user, role });
  if (user.owner && role !== 'admin') {
    recordEvent({ action: 'user.owner_revoked', target: ['user', user.id] });
  }
  await writeRole(
    tx,
    org,
    requireActiveOwner(user.id, user.owner),
    role,
    compareRoles(after, before) < 0,
    at,
  );
  recordEvent({
    action: 'user.role_changed',
    target: ['user', user.id],
    changes: { values: { role: [user.role, role] } },
    ...statedReason(reason),
  });
}

/** Builds the commands about direct roles and the owner flag. */
export function createRoleCommands(dependencies: UserDependencies): RoleCommands {
  const { db, now, runner } = dependencies;
  return {
    impact: async (by, id, role) => {
      const at = now().toISOString();
      const user = await findDirectoryUser(db, by.org, id, at);
      if (user === undefined || user.deletedAt !== undefined) throw userNotFound();
      if (!mayRead(by, 'users:read', user) && !mayRead(by, 'roles:assign', user)) throw userNotFound();
      requirePermission(by, 'roles:assign');
      const [owned, sessions] = await Promise.all([
        countOwnedResources(db, by.org, id),
        listSessions(db, by.org, id, at),
      ]);
      return {
        ...roleImpact(user, role),
        ownedResources: owned,
        openSessions: sessions.length,
        impactToken: impactToken(user, role),
      };
    },

    changeRole: (by, id, { role, impactToken: confirmed, reason, force }, notify) =>
      runner.runAs(by, async (context, actor) => {
        const user = await loadDirectoryUser(context, id);
        const changed = await changeRoleWithin(context, actor, user, role, confirmed, reason, force);
        if (changed && notify) {
          await notifyOfChanges(context, actor, user, [`Role: ${user.role} → ${role}`], dependencies);
        }
      }),

    requireOwner: requireOwnerRights,

    setOwner: (by, id, owner) =>
      runner.runProven(by, async (context, actor) => {
        const { tx, org, at, recordEvent, requireActiveOwner } = context;
        requireOwnerRights(actor);
        requireOther(actor, { id });
        const user = await loadDirectoryUser(context, id);
        if (owner && (user.role !== 'admin' || user.status !== 'active')) {
          throw new DomainError(
            'role_not_admin',
            'Only an active user whose direct role is admin can be made an owner.',
          );
        }
        if (user.owner === owner) return;
        await writeOwner(tx, org, requireActiveOwner(id, user.owner), owner, at);
        recordEvent({ action: owner ? 'user.owner_granted' : 'user.owner_revoked', target: ['user', id] });
      }),
  };
}

function requireOwnerRights(by: Authority): void {
  if (isOwner(by.rights) && scopeOf(by, 'owner:grant') !== 'none') return;
  throw new DomainError('owner_only', 'Only an owner grants or takes ownership.');
}

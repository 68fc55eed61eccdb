import { countOwnedResources } from '../../access/resources/store.ts';
import { statedReason } from '../../audit/declaration.ts';
import { sendMail } from '../../notifications/mails.ts';
import { requireTraining } from '../../onboarding/training.ts';
import { listSessions } from '../../sign-in/store/sessions.ts';
import type { CommandContext } from '../command-runner.ts';
import { DomainError } from '../errors.ts';
import type { UserId } from '../ids.ts';
import type { Settings } from '../organizations/settings.ts';
import { findSettings } from '../organizations/store/settings.ts';
import type { PeopleDependencies } from '../users/dependencies.ts';
import { type Person, userDisplayName } from '../users/person.ts';
import { writeOwner, writeRole } from '../users/store/edits.ts';
import { findPerson } from '../users/store/people.ts';
import { loadPerson, requireOwnRole } from '../users/target.ts';
import type { Role } from '../users/user.ts';
import { type Authority, effectiveRole, isSuperAdmin, scopeOf } from './authority.ts';
import {
  forbidden,
  mayRead,
  requireGrantable,
  requireManage,
  requireOther,
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
  /** Undefined: nobody has looked at the impact. */
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
  /** @throws DomainError `owner_only` unless a Super Admin asks */
  requireSuperAdmin(by: Authority): void;
  /** Makes a Super Admin, or no longer one. @throws DomainError `owner_only`, `self_change`, `role_not_admin`, `last_owner` */
  setOwner(by: Authority, id: UserId, owner: boolean): Promise<void>;
}

/**
 * What must hold before a person's direct role may become another; an import's preview asks as well.
 * @throws DomainError `self_change`, `forbidden`, `role_above_limit`, `managed_by_directory`, `training_required`
 */
export async function requireRoleChange(
  context: Pick<CommandContext, 'tx' | 'org'>,
  by: Authority,
  person: Person,
  role: Role,
  settings: Settings,
  force = false,
): Promise<void> {
  requireOther(by, person);
  requireManage(by, person, 'edit');
  requireGrantable(by, role, settings);
  if (role !== person.role) requireOwnRole(by, person, force);
  if (compareRoles(role, person.role) > 0) await requireTraining(context, settings, person.id, role);
}

/**
 * Changes a direct role, in a command's transaction.
 * @param confirmed the token of the impact that was looked at; null where the door has shown it its own way
 */
export async function changeRoleWithin(
  context: CommandContext,
  by: Authority,
  person: Person,
  role: Role,
  confirmed: string | undefined | null,
  reason: string | undefined,
  force = false,
): Promise<boolean> {
  const { tx, org, at, recordEvent, requireActiveOwner } = context;
  const { settings } = await findSettings(tx, org);
  await requireRoleChange(context, by, person, role, settings, force);
  if (person.role === role) return false;
  if (confirmed !== null && confirmed !== impactToken(person, role)) {
    throw new DomainError(
      'impact_confirmation_required',
      'Look at what this changes first (GET …/role-impact) and send its impactToken: there was none, or the user has changed since.',
    );
  }
  const before = effectiveRole(person);
  const after = effectiveRole({ ...person, role });
  if (person.owner && role !== 'admin') {
    requireActiveOwner();
    recordEvent({ action: 'user.owner_revoked', target: ['user', person.id] });
  }
  await writeRole(tx, org, person.id, role, compareRoles(after, before) < 0, at);
  recordEvent({
    action: 'user.role_changed',
    target: ['user', person.id],
    changes: { values: { role: [person.role, role] } },
    ...statedReason(reason),
  });
  return true;
}

/** Tells somebody what was changed about them, and by whom (R72). */
export async function notifyOfChanges(
  { tx, org, at, newId }: CommandContext,
  by: Authority,
  person: Person,
  changes: readonly string[],
  { seal }: Pick<PeopleDependencies, 'seal'>,
): Promise<void> {
  if (changes.length === 0) return;
  const { organization } = await findSettings(tx, org);
  const changer = await findPerson(tx, org, by.rights.id, at);
  const name = changer === undefined ? organization : userDisplayName(changer);
  const mail = { template: 'account_changed', to: person.email, organization, by: name, changes } as const;
  await sendMail(tx, seal, org, newId(), mail);
}

/** Builds the commands about direct roles and the owner flag. */
export function createRoleCommands(dependencies: PeopleDependencies): RoleCommands {
  const { db, now, runner } = dependencies;
  return {
    impact: async (by, id, role) => {
      const at = now().toISOString();
      const person = await findPerson(db, by.org, id, at);
      if (person === undefined || person.deletedAt !== undefined) throw userNotFound();
      if (!mayRead(by, 'users:read', person)) throw userNotFound();
      if (scopeOf(by, 'roles:assign') === 'none') throw forbidden();
      const [owned, sessions] = await Promise.all([
        countOwnedResources(db, by.org, id),
        listSessions(db, by.org, id, at),
      ]);
      return {
        ...roleImpact(person, role),
        ownedResources: owned,
        openSessions: sessions.length,
        impactToken: impactToken(person, role),
      };
    },

    changeRole: (by, id, { role, impactToken: confirmed, reason, force }, notify) =>
      runner.runAs(by, async (context, actor) => {
        const person = await loadPerson(context, id);
        const changed = await changeRoleWithin(context, actor, person, role, confirmed, reason, force);
        if (changed && notify) {
          await notifyOfChanges(context, actor, person, [`Role: ${person.role} → ${role}`], dependencies);
        }
      }),

    requireSuperAdmin: requireSuperAdminRights,

    setOwner: (by, id, owner) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, recordEvent, requireActiveOwner } = context;
        requireSuperAdminRights(actor);
        requireOther(actor, { id });
        const person = await loadPerson(context, id);
        if (owner && (person.role !== 'admin' || person.status !== 'active')) {
          throw new DomainError(
            'role_not_admin',
            'Only an active user whose direct role is admin can be made an owner.',
          );
        }
        if (person.owner === owner) return;
        if (!owner) requireActiveOwner();
        await writeOwner(tx, org, id, owner, at);
        recordEvent({ action: owner ? 'user.owner_granted' : 'user.owner_revoked', target: ['user', id] });
      }),
  };
}

function requireSuperAdminRights(by: Authority): void {
  if (isSuperAdmin(by.rights) && scopeOf(by, 'owner:grant') !== 'none') return;
  throw new DomainError('owner_only', 'Only a Super Admin grants or takes ownership.');
}

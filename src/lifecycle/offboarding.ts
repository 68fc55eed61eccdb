import { countApiKeys, revokeApiKeys } from '../access/api-keys/store.ts';
import { countOwnedResources, transferResources } from '../access/resources/store.ts';
import { listOwnedServiceAccounts, transferServiceAccounts } from '../access/service-accounts/store.ts';
import type { CommandContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import { removeFromGroups } from '../directory/groups/membership.ts';
import type { UserId } from '../directory/ids.ts';
import { type Authority, effectiveRole } from '../directory/roles/authority.ts';
import {
  forbidden,
  requireManage,
  requirePermission,
  userNotFound,
} from '../directory/roles/rules/guards.ts';
import { ROLES } from '../directory/roles/rules/roles.ts';
import type { UserDependencies } from '../directory/users/dependencies.ts';
import { findDirectoryUsers } from '../directory/users/store/users.ts';
import { loadDirectoryUser, requireOwnField } from '../directory/users/target.ts';
import type { DirectoryUser } from '../directory/users/user.ts';
import { beginExportWithin } from '../exports/commands.ts';
import { setStatus } from './status.ts';

export interface OffboardIntent {
  readonly removeGroups: boolean;
  readonly revokeApiKeys: boolean;
  readonly transferTo: UserId | undefined;
  /** Exports the user's data as well, which needs a recent proof. */
  readonly withExport: boolean;
  readonly force: boolean;
}

export interface Offboarded {
  readonly removedGroups: number;
  readonly revokedApiKeys: number;
  /** Resources that changed hands. */
  readonly transferred: number;
  /** Resources that the user still owns. */
  readonly ownsResources: number;
  readonly transferredServiceAccounts: number;
  /** Service accounts that the user still answers for: their keys have stopped. */
  readonly stoppedServiceAccounts: readonly NamedAccount[];
  /** Undefined without an export. */
  readonly exportId: string | undefined;
}

interface NamedAccount {
  readonly id: string;
  readonly name: string;
}

/** What offboarding would take away or has to hand over. */
export interface OffboardingPreview {
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  readonly apiKeys: number;
  readonly ownsResources: number;
  readonly serviceAccounts: readonly NamedAccount[];
}

export interface OffboardingCommands {
  /** @throws DomainError as `offboard` */
  previewOffboarding(by: Authority, id: UserId): Promise<OffboardingPreview>;
  /**
   * Deactivates the user, revokes all access and begins an export in one transaction, all or nothing (R121 to R124).
   * @throws DomainError `last_owner`, `target_inactive`; `step_up_required`, `export_running` with an export
   */
  offboard(by: Authority, id: UserId, intent: OffboardIntent): Promise<Offboarded>;
  /** @throws DomainError `target_inactive`, `not_found` @returns how many changed hands */
  transfer(
    by: Authority,
    from: UserId,
    to: UserId,
    resources: readonly string[] | undefined,
  ): Promise<number>;
}

/** Builds the commands that take from a user what others continue with. */
export function createOffboardingCommands({ runner }: UserDependencies): OffboardingCommands {
  return {
    previewOffboarding: (by, id) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at } = context;
        const user = await loadDirectoryUser(context, id);
        requireManage(actor, user, 'whole account');
        return {
          groups: user.groupRoles.map(({ group, name }) => ({ id: group, name })),
          apiKeys: await countApiKeys(tx, org, id, at),
          ownsResources: await countOwnedResources(tx, org, id),
          serviceAccounts: await listOwnedServiceAccounts(tx, org, id),
        };
      }),

    offboard: (by, id, { removeGroups, revokeApiKeys: revoke, transferTo, withExport, force }) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, recordEvent } = context;
        const user = await loadDirectoryUser(context, id);
        requireManage(actor, user, 'whole account');
        requireOwnField(actor, user, 'account', force);
        const exportId = withExport ? await beginExportWithin(context, actor, user) : undefined;
        if (user.status !== 'inactive') await setStatus(context, user, 'inactive');
        const ended = removeGroups ? await removeFromGroups(context, { users: [id], groups: 'all' }) : 0;
        const revoked = revoke ? await revokeApiKeys(tx, org, id, undefined, at) : [];
        for (const key of revoked)
          recordEvent({ action: 'api_key.revoked', target: ['api_key', key], member: id });
        const transferred = transferTo === undefined ? 0 : await handOver(context, id, transferTo, undefined);
        const accounts = transferTo === undefined ? 0 : await handOverAccounts(context, user, transferTo);
        recordEvent({ action: 'user.offboarded', target: ['user', id] });
        return {
          removedGroups: ended,
          revokedApiKeys: revoked.length,
          transferred,
          ownsResources: await countOwnedResources(tx, org, id),
          transferredServiceAccounts: accounts,
          stoppedServiceAccounts: await listOwnedServiceAccounts(tx, org, id),
          exportId,
        };
      }),

    transfer: (by, from, to, resources) =>
      runner.runAs(by, async (context, actor) => {
        const scope = requirePermission(actor, 'agents:edit');
        if (scope !== 'all' && from !== actor.rights.id) throw forbidden();
        const [owner] = await findDirectoryUsers(context.tx, context.org, [from], context.at);
        if (owner === undefined) throw userNotFound();
        return handOver(context, from, to, resources);
      }),
  };
}

/**
 * Gives what a user owns to another.
 * @param only these; undefined: everything @returns how many changed hands @throws DomainError `target_inactive`, `not_found`
 */
export async function handOver(
  context: CommandContext,
  from: UserId,
  to: UserId,
  only: readonly string[] | undefined,
): Promise<number> {
  const { tx, org, at, recordEvent } = context;
  const [receiver] = await findDirectoryUsers(tx, org, [to], at);
  if (receiver === undefined) throw userNotFound();
  if (receiver.status !== 'active' || receiver.id === from) {
    throw new DomainError('target_inactive', 'Choose another, active user to transfer ownership to.');
  }
  const moved = await transferResources(tx, org, from, to, only, at);
  for (const id of moved) {
    recordEvent({
      action: 'resource.transferred',
      target: ['resource', id],
      changes: { values: { owner: [from, to] } },
    });
  }
  return moved.length;
}

/**
 * Makes another user answer for every service account of a user. An account keeps no role above that user's,
 * which was its limit: keys that could do little would do more with an owner who may more.
 * @returns how many changed hands
 */
export async function handOverAccounts(
  { tx, org, at, recordEvent }: CommandContext,
  user: DirectoryUser,
  to: UserId,
): Promise<number> {
  const { id: from } = user;
  const withinLimit = ROLES.slice(0, ROLES.indexOf(effectiveRole(user)) + 1);
  const moved = await transferServiceAccounts(tx, org, from, to, withinLimit, at);
  for (const id of moved) {
    recordEvent({
      action: 'service_account.transferred',
      target: ['service_account', id],
      member: to,
      changes: { values: { owner: [from, to] } },
    });
  }
  return moved.length;
}

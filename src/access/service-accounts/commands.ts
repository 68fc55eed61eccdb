import type { CommandDependencies } from '../../directory/command-dependencies.ts';
import type { CommandContext } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import type { UserId } from '../../directory/ids.ts';
import { notFound } from '../../directory/not-found.ts';
import { findSettings } from '../../directory/organizations/store/settings.ts';
import { type Authority, effectiveRole } from '../../directory/roles/authority.ts';
import {
  requireGrantable,
  requireManage,
  requireWholeOrganization,
} from '../../directory/roles/rules/guards.ts';
import { compareRoles } from '../../directory/roles/rules/roles.ts';
import { requireVersion } from '../../directory/rules/versions.ts';
import { findDirectoryUser } from '../../directory/users/store/users.ts';
import type { Role } from '../../directory/users/user.ts';
import { hashToken, makeToken } from '../../platform/opaque-token.ts';
import { daysBefore } from '../../platform/time.ts';
import {
  type ApiKeyIntent,
  type ListedApiKey,
  MAX_KEYS_PER_USER,
  type MadeApiKey,
} from '../api-keys/commands.ts';
import { checkAccountScopes } from '../api-keys/rules.ts';
import { countApiKeys, insertApiKey, listApiKeys, revokeServiceAccountKey } from '../api-keys/store.ts';
import { rightsOf, type ServiceAccount, type ServiceAccountStatus } from './service-account.ts';
import {
  deleteServiceAccount,
  findServiceAccount,
  insertServiceAccount,
  listServiceAccounts,
  type ServiceAccountFields,
  type ServiceAccountFilter,
  updateServiceAccount,
} from './store.ts';

interface Page {
  readonly after: string | undefined;
  readonly limit: number;
}

/** What to change; what is undefined stays. */
export interface ServiceAccountChanges {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  readonly role?: Role | undefined;
  readonly owner?: UserId | undefined;
  readonly status?: ServiceAccountStatus | undefined;
}

interface ListFilter extends Omit<ServiceAccountFilter, 'unusedSince'> {
  /** Made before so many days, and without use since. */
  readonly unusedDays?: number | undefined;
}

/** All of them need `api_keys:manage`. @throws DomainError `forbidden` */
export interface ServiceAccountCommands {
  list(by: Authority, filter: ListFilter, page: Page): Promise<ServiceAccount[]>;
  /** @throws DomainError `not_found` */
  get(by: Authority, id: string): Promise<ServiceAccount>;
  /**
   * @param fields without an owner, the caller answers for it
   * @throws DomainError `role_above_limit` for a role above the limit of the caller or above the owner's,
   *   `unknown_owner` unless the owner is active
   */
  create(
    by: Authority,
    fields: Omit<ServiceAccountFields, 'owner'> & { readonly owner: UserId | undefined },
  ): Promise<string>;
  /** @throws DomainError as `create`, `not_found`, `version_mismatch` */
  update(
    by: Authority,
    id: string,
    changes: ServiceAccountChanges,
    ifMatch: readonly string[] | undefined,
  ): Promise<void>;
  /** Revokes its keys for good. @throws DomainError `not_found`, `version_mismatch` */
  remove(by: Authority, id: string, ifMatch: readonly string[] | undefined): Promise<void>;
  /** @throws DomainError `not_found`, `invalid_scope`, `in_the_past`, `too_many`, `target_inactive` */
  createKey(by: Authority, id: string, intent: ApiKeyIntent): Promise<MadeApiKey>;
  /** @throws DomainError `not_found` */
  keys(by: Authority, id: string, page: Page): Promise<ListedApiKey[]>;
  /** @throws DomainError `not_found` */
  revokeKey(by: Authority, id: string, key: string): Promise<void>;
}

/** Builds the commands about service accounts and their keys. */
export function createServiceAccountCommands({
  db,
  now,
  runner,
}: CommandDependencies): ServiceAccountCommands {
  const get: ServiceAccountCommands['get'] = async (by, id) => {
    requireWholeOrganization(by, 'api_keys:manage');
    const account = await findServiceAccount(db, by.org, id, now().toISOString());
    if (account === undefined) throw accountNotFound();
    return account;
  };

  return {
    list: async (by, { unusedDays, ...filter }, page) => {
      requireWholeOrganization(by, 'api_keys:manage');
      const at = now();
      const unusedSince = unusedDays === undefined ? undefined : daysBefore(at, unusedDays);
      return listServiceAccounts(db, by.org, { ...filter, unusedSince, ...page }, at.toISOString());
    },

    get,

    create: (by, { owner: chosen, ...fields }) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, newId, recordEvent } = context;
        requireWholeOrganization(actor, 'api_keys:manage');
        const owner = chosen ?? actor.rights.id;
        await requireRole(context, actor, fields.role, owner);
        const id = newId();
        await insertServiceAccount(tx, org, id, { ...fields, owner }, at);
        recordEvent({
          action: 'service_account.created',
          target: ['service_account', id],
          member: owner,
          changes: { values: { role: [null, fields.role], owner: [null, owner] } },
        });
        return id;
      }),

    update: (by, id, changes, ifMatch) =>
      runner.runAs(by, async (context, actor) => {
        await updateAccountWithin(context, actor, await loadAccount(context, actor, id, ifMatch), changes);
      }),

    remove: (by, id, ifMatch) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, recordEvent } = context;
        await loadAccount(context, actor, id, ifMatch);
        for (const key of await deleteServiceAccount(tx, org, id, at)) {
          recordEvent({ action: 'api_key.revoked', target: ['api_key', key], member: id });
        }
        recordEvent({ action: 'service_account.deleted', target: ['service_account', id] });
      }),

    createKey: (by, id, { name, scopes: wanted, expiresAt }) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, newId, recordEvent } = context;
        const account = await loadAccount(context, actor, id, undefined);
        const rights = rightsOf(account);
        if (rights.status !== 'active') {
          throw new DomainError('target_inactive', 'The service account or its owner is not active.');
        }
        await requireRole(context, actor, account.role, account.owner?.id);
        const scopes = checkAccountScopes(rights, actor, wanted);
        if (expiresAt !== undefined && expiresAt <= at) {
          throw new DomainError('in_the_past', 'The expiry must be in the future.');
        }
        if ((await countApiKeys(tx, org, id, at)) >= MAX_KEYS_PER_USER) {
          throw new DomainError(
            'too_many',
            `The account has ${MAX_KEYS_PER_USER} keys: revoke one that is not needed.`,
          );
        }
        const token = makeToken('key');
        const key = newId();
        const row = {
          id: key,
          holder: { serviceAccount: id },
          name,
          hash: hashToken(token),
          scopes,
          expiresAt,
        };
        await insertApiKey(tx, org, row, at);
        recordEvent({
          action: 'api_key.created',
          target: ['api_key', key],
          member: id,
          changes: {
            values: {
              scopes: [null, scopes],
              expiresAt: [null, expiresAt ?? null],
              serviceAccount: [null, id],
            },
          },
        });
        return { id: key, token, scopes, createdAt: at };
      }),

    keys: async (by, id, page) => {
      await get(by, id);
      return listApiKeys(db, by.org, { serviceAccount: id, ...page }, now().toISOString());
    },

    revokeKey: (by, id, key) =>
      runner.runAs(by, (context, actor) => revokeAccountKeyWithin(context, actor, id, key)),
  };
}

/** Ends a key of an account for good, in a command's transaction. @throws DomainError `forbidden`, `not_found` */
export async function revokeAccountKeyWithin(
  context: CommandContext,
  actor: Authority,
  id: string,
  key: string,
): Promise<void> {
  const { tx, org, at, recordEvent } = context;
  await loadAccount(context, actor, id, undefined);
  if (!(await revokeServiceAccountKey(tx, org, id, key, at))) throw notFound('api_key');
  recordEvent({ action: 'api_key.revoked', target: ['api_key', key], member: id });
}

/**
 * Changes a service account in a command's transaction.
 * @param account as `loadAccount` returned it: the caller may manage keys
 * @throws DomainError as `create`
 */
export async function updateAccountWithin(
  context: CommandContext,
  actor: Authority,
  account: ServiceAccount,
  changes: ServiceAccountChanges,
): Promise<void> {
  const { tx, org, at, recordEvent } = context;
  const { id } = account;
  const { role = account.role, status = account.status } = changes;
  const owner = changes.owner ?? account.owner?.id;
  // Any of these may let the account do more than it does now.
  const mayDoMore = role !== account.role || owner !== account.owner?.id || status !== account.status;
  if (mayDoMore && status === 'active') await requireRole(context, actor, role, owner);
  await updateServiceAccount(
    tx,
    org,
    id,
    {
      name: changes.name ?? account.name,
      description: changes.description === undefined ? account.description : changes.description,
      role,
      status,
      owner: changes.owner,
    },
    at,
  );
  const values = {
    ...(role === account.role ? {} : { role: [account.role, role] as const }),
    ...(status === account.status ? {} : { status: [account.status, status] as const }),
    ...(owner === account.owner?.id ? {} : { owner: [account.owner?.id ?? null, owner ?? null] as const }),
  };
  const target = ['service_account', id] as const;
  recordEvent({ action: 'service_account.updated', target, changes: { values } });
}

/** @throws DomainError `forbidden`, `not_found`, `version_mismatch` */
export async function loadAccount(
  { tx, org, at }: CommandContext,
  by: Authority,
  id: string,
  ifMatch: readonly string[] | undefined,
): Promise<ServiceAccount> {
  requireWholeOrganization(by, 'api_keys:manage');
  const account = await findServiceAccount(tx, org, id, at);
  if (account === undefined) throw accountNotFound();
  requireVersion('service account', account.version, ifMatch);
  return account;
}

/**
 * An account has no role above what its administrator may assign, nor above its owner's (guard rules 4 and 6). For
 * another user's account the caller must be allowed to manage that user.
 */
async function requireRole(
  { tx, org, at }: CommandContext,
  by: Authority,
  role: Role,
  owner: UserId | undefined,
): Promise<void> {
  const { settings } = await findSettings(tx, org);
  requireGrantable(by, role, settings);
  const user = owner === undefined ? undefined : await findDirectoryUser(tx, org, owner, at);
  if (user === undefined || user.deletedAt !== undefined || user.status !== 'active') {
    throw new DomainError('unknown_owner', 'The owner must be an active user.');
  }
  if (user.id !== by.rights.id) requireManage(by, user, 'edit');
  const limit = effectiveRole(user);
  if (compareRoles(role, limit) > 0) {
    throw new DomainError(
      'role_above_limit',
      `The owner has the role ${limit}: the account cannot have ${role}.`,
    );
  }
}

const accountNotFound = () => notFound('service_account');

import type { Administer, Work } from '../../directory/command-runner.ts';
import { Refusal } from '../../directory/errors.ts';
import type { UserId } from '../../directory/ids.ts';
import { notFound } from '../../directory/not-found.ts';
import { findSettings } from '../../directory/organizations/store/settings.ts';
import { type Authority, effectiveRole } from '../../directory/roles/authority.ts';
import { demandAll, demandGrantable, demandManage } from '../../directory/roles/rules/guards.ts';
import { compareRoles } from '../../directory/roles/rules/roles.ts';
import { demandVersion } from '../../directory/rules/versions.ts';
import { findPerson } from '../../directory/users/store/people.ts';
import type { Role } from '../../directory/users/user.ts';
import type { Database } from '../../platform/db/database.ts';
import { hashToken, makeToken } from '../../platform/opaque-token.ts';
import { type ApiKeyIntent, type ListedApiKey, type MadeApiKey, MOST_KEYS } from '../api-keys/commands.ts';
import { checkAccountScopes } from '../api-keys/rules.ts';
import { countApiKeys, insertApiKey, listApiKeys, revokeServiceAccountKey } from '../api-keys/store.ts';
import { rightsOf, type ServiceAccount, type ServiceAccountStatus } from './service-account.ts';
import {
  deleteServiceAccount,
  findServiceAccount,
  insertServiceAccount,
  listServiceAccounts,
  type ServiceAccountFields,
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

/** All of them need `api_keys:manage`. @throws Refusal `forbidden` */
export interface ServiceAccountCommands {
  list(by: Authority, owner: UserId | undefined, page: Page): Promise<ServiceAccount[]>;
  /** @throws Refusal `not_found` */
  get(by: Authority, id: string): Promise<ServiceAccount>;
  /**
   * @param fields without an owner, the one who asks answers for it
   * @throws Refusal `role_above_limit` for a role above the limit of the one who asks or above the owner's,
   *   `unknown_owner` unless the owner is active
   */
  create(
    by: Authority,
    fields: Omit<ServiceAccountFields, 'owner'> & { readonly owner: UserId | undefined },
  ): Promise<string>;
  /** @throws Refusal as `create`, `not_found`, `version_mismatch` */
  update(
    by: Authority,
    id: string,
    changes: ServiceAccountChanges,
    ifMatch: readonly string[] | undefined,
  ): Promise<void>;
  /** Revokes its keys for good. @throws Refusal `not_found`, `version_mismatch` */
  remove(by: Authority, id: string, ifMatch: readonly string[] | undefined): Promise<void>;
  /** @throws Refusal `not_found`, `invalid_scope`, `in_the_past`, `too_many`, `target_inactive` */
  createKey(by: Authority, id: string, intent: ApiKeyIntent): Promise<MadeApiKey>;
  /** @throws Refusal `not_found` */
  keys(by: Authority, id: string, page: Page): Promise<ListedApiKey[]>;
  /** @throws Refusal `not_found` */
  revokeKey(by: Authority, id: string, key: string): Promise<void>;
}

/** Builds the commands about service accounts and their keys. */
export function createServiceAccountCommands({
  db,
  now,
  administer,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly administer: Administer;
}): ServiceAccountCommands {
  const get: ServiceAccountCommands['get'] = async (by, id) => {
    demandAll(by, 'api_keys:manage');
    const account = await findServiceAccount(db, by.org, id, now().toISOString());
    if (account === undefined) throw noSuchAccount();
    return account;
  };

  return {
    list: async (by, owner, page) => {
      demandAll(by, 'api_keys:manage');
      return listServiceAccounts(db, by.org, { owner, ...page }, now().toISOString());
    },

    get,

    create: (by, { owner: chosen, ...fields }) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, at, newId, note } = work;
        demandAll(actor, 'api_keys:manage');
        const owner = chosen ?? actor.rights.id;
        await demandRole(work, actor, fields.role, owner);
        const id = newId();
        await insertServiceAccount(tx, org, id, { ...fields, owner }, at);
        note({
          action: 'service_account.created',
          target: ['service_account', id],
          member: owner,
          changes: { values: { role: [null, fields.role], owner: [null, owner] } },
        });
        return id;
      }),

    update: (by, id, changes, ifMatch) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, at, note } = work;
        const account = await loadAccount(work, actor, id, ifMatch);
        const { role = account.role, status = account.status } = changes;
        const owner = changes.owner ?? account.owner?.id;
        // Any of these may let the account do more than it does now.
        const mayDoMore = role !== account.role || owner !== account.owner?.id || status !== account.status;
        if (mayDoMore && status === 'active') await demandRole(work, actor, role, owner);
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
          ...(owner === account.owner?.id ? {} : { owner: [account.owner?.id ?? null, owner] as const }),
        };
        const target = ['service_account', id] as const;
        note({ action: 'service_account.updated', target, changes: { values } });
      }),

    remove: (by, id, ifMatch) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, at, note } = work;
        await loadAccount(work, actor, id, ifMatch);
        for (const key of await deleteServiceAccount(tx, org, id, at)) {
          note({ action: 'api_key.revoked', target: ['api_key', key] });
        }
        note({ action: 'service_account.deleted', target: ['service_account', id] });
      }),

    createKey: (by, id, { name, scopes: wanted, expiresAt }) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, at, newId, note } = work;
        const account = await loadAccount(work, actor, id, undefined);
        const rights = rightsOf(account);
        if (rights.status !== 'active') {
          throw new Refusal('target_inactive', 'The service account or its owner is not active.');
        }
        await demandRole(work, actor, account.role, account.owner?.id);
        const scopes = checkAccountScopes(rights, actor, wanted);
        if (expiresAt !== undefined && expiresAt <= at) {
          throw new Refusal('in_the_past', 'The expiry must be in the future.');
        }
        if ((await countApiKeys(tx, org, id, at)) >= MOST_KEYS) {
          throw new Refusal('too_many', `The account has ${MOST_KEYS} keys: revoke one that is not needed.`);
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
        note({
          action: 'api_key.created',
          target: ['api_key', key],
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
      administer.as(by, async (work, actor) => {
        const { tx, org, at, note } = work;
        await loadAccount(work, actor, id, undefined);
        if (!(await revokeServiceAccountKey(tx, org, id, key, at))) {
          throw notFound('api_key');
        }
        note({ action: 'api_key.revoked', target: ['api_key', key] });
      }),
  };
}

async function loadAccount(
  { tx, org, at }: Work,
  by: Authority,
  id: string,
  ifMatch: readonly string[] | undefined,
): Promise<ServiceAccount> {
  demandAll(by, 'api_keys:manage');
  const account = await findServiceAccount(tx, org, id, at);
  if (account === undefined) throw noSuchAccount();
  demandVersion('service account', account.version, ifMatch);
  return account;
}

/**
 * An account has no role above what the one who gives it may assign, nor above its owner's (guard rules 4 and 6). For
 * an account of another person one must be allowed to manage that person.
 */
async function demandRole(
  { tx, org, at }: Work,
  by: Authority,
  role: Role,
  owner: UserId | undefined,
): Promise<void> {
  const { settings } = await findSettings(tx, org);
  demandGrantable(by, role, settings);
  const person = owner === undefined ? undefined : await findPerson(tx, org, owner, at);
  if (person === undefined || person.deletedAt !== undefined || person.status !== 'active') {
    throw new Refusal('unknown_owner', 'The owner must be an active user.');
  }
  if (person.id !== by.rights.id) demandManage(by, person, 'edit');
  const limit = effectiveRole(person);
  if (compareRoles(role, limit) > 0) {
    throw new Refusal(
      'role_above_limit',
      `The owner has the role ${limit}: the account cannot have ${role}.`,
    );
  }
}

const noSuchAccount = () => notFound('service_account');

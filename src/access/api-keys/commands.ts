import type { ActionOn } from '../../audit/catalogue.ts';
import type { CommandDependencies } from '../../directory/command-dependencies.ts';
import type { CommandContext } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import type { UserId } from '../../directory/ids.ts';
import { notFound } from '../../directory/not-found.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import {
  requireManage,
  requirePermission,
  requireWholeOrganization,
} from '../../directory/roles/rules/guards.ts';
import type { Permission } from '../../directory/roles/rules/permissions.ts';
import { loadDirectoryUser } from '../../directory/users/target.ts';
import type { DirectoryUser } from '../../directory/users/user.ts';
import { hashToken, makeToken } from '../../platform/opaque-token.ts';
import { daysBefore } from '../../platform/time.ts';
import { checkScopes } from './rules.ts';
import {
  type ApiKeyFilter,
  countApiKeys,
  disableApiKeys,
  enableApiKeys,
  insertApiKey,
  type ListedApiKey,
  listApiKeys,
  revokeApiKeys,
} from './store.ts';

export { KEY_STATES, type ListedApiKey } from './store.ts';

/** Keys that a user or a service account may have at a time. */
export const MAX_KEYS_PER_USER = 100;

/** A key that a user wants. */
export interface ApiKeyIntent {
  readonly name: string;
  readonly scopes: readonly Permission[];
  /** ISO 8601; undefined: it does not expire. */
  readonly expiresAt: string | undefined;
}

/** A new key; the token is shown here and never again. */
export interface MadeApiKey {
  readonly id: string;
  readonly token: string;
  readonly scopes: readonly Permission[];
  readonly createdAt: string;
}

interface KeyPage {
  readonly after: string | undefined;
  readonly limit: number;
}

interface ListFilter extends Omit<ApiKeyFilter, 'unusedSince'> {
  /** Neither used nor made for so many days. */
  readonly unusedDays?: number | undefined;
}

export interface ApiKeyCommands {
  /** Makes a key of one's own. @throws DomainError `forbidden`, `invalid_scope`, `in_the_past`, `too_many` */
  create(by: Authority, intent: ApiKeyIntent): Promise<MadeApiKey>;
  /** One's own keys, the newest first; also of a user who may make none any more. */
  own(by: Authority, page: KeyPage): Promise<ListedApiKey[]>;
  /** Ends a key of one's own for good. @throws DomainError `not_found` */
  revokeOwn(by: Authority, key: string): Promise<void>;
  /** Ends one key of a user for good. @throws DomainError `not_found`, `forbidden`, `self_change` */
  revoke(by: Authority, user: UserId, key: string): Promise<void>;
  /** The keys of everybody for which all filters hold. @throws DomainError `forbidden` */
  list(by: Authority, filter: ListFilter, page: KeyPage): Promise<ListedApiKey[]>;
  /**
   * Stops all keys of a user until they are enabled again.
   * @returns how many it stopped
   * @throws DomainError `not_found`, `forbidden`, `self_change`
   */
  disableAll(by: Authority, user: UserId): Promise<number>;
  /** Enables them again (R86). @returns how many @throws DomainError as `disableAll`, `target_inactive` */
  enableAll(by: Authority, user: UserId): Promise<number>;
  /** Revokes them permanently (R123). @returns how many @throws DomainError as `disableAll` */
  revokeAll(by: Authority, user: UserId): Promise<number>;
}

/** Builds the commands about API keys. */
export function createApiKeyCommands({ db, now, runner }: CommandDependencies): ApiKeyCommands {
  const onAll = (
    by: Authority,
    user: UserId,
    action: ActionOn<'api_key'>,
    change: (context: CommandContext, directoryUser: DirectoryUser) => Promise<readonly string[]>,
  ): Promise<number> =>
    runner.runAs(by, async (context, actor) => {
      requireWholeOrganization(actor, 'api_keys:manage');
      const directoryUser = await loadDirectoryUser(context, user);
      requireManage(actor, directoryUser, 'whole account');
      const keys = await change(context, directoryUser);
      for (const key of keys) context.recordEvent({ action, target: ['api_key', key], member: user });
      return keys.length;
    });

  return {
    create: (by, { name, scopes: wanted, expiresAt }) =>
      runner.runAs(by, async ({ tx, org, at, newId, recordEvent }, actor) => {
        requirePermission(actor, 'api_keys:own');
        const user = actor.rights.id;
        const scopes = checkScopes(actor.rights, wanted);
        if (expiresAt !== undefined && expiresAt <= at) {
          throw new DomainError('in_the_past', 'The expiry must be in the future.');
        }
        if ((await countApiKeys(tx, org, user, at)) >= MAX_KEYS_PER_USER) {
          throw new DomainError(
            'too_many',
            `You have ${MAX_KEYS_PER_USER} keys: revoke one that you no longer need.`,
          );
        }
        const token = makeToken('key');
        const id = newId();
        await insertApiKey(
          tx,
          org,
          { id, holder: { user }, name, hash: hashToken(token), scopes, expiresAt },
          at,
        );
        recordEvent({
          action: 'api_key.created',
          target: ['api_key', id],
          member: user,
          changes: { values: { scopes: [null, scopes], expiresAt: [null, expiresAt ?? null] } },
        });
        return { id, token, scopes, createdAt: at };
      }),

    own: (by, page) => listApiKeys(db, by.org, { user: by.rights.id, ...page }, now().toISOString()),

    revokeOwn: (by, key) =>
      runner.runAs(by, async ({ tx, org, at, recordEvent }, actor) => {
        const user = actor.rights.id;
        const ended = await revokeApiKeys(tx, org, user, key, at);
        if (ended.length === 0) throw notFound('api_key');
        recordEvent({ action: 'api_key.revoked', target: ['api_key', key], member: user });
      }),

    revoke: (by, user, key) =>
      runner.runAs(by, (context, actor) => revokeUserKeyWithin(context, actor, user, key)),

    list: async (by, { unusedDays, ...filter }, page) => {
      requireWholeOrganization(by, 'api_keys:manage');
      const at = now();
      const unusedSince = unusedDays === undefined ? undefined : daysBefore(at, unusedDays);
      return listApiKeys(db, by.org, { ...filter, unusedSince, ...page }, at.toISOString());
    },

    disableAll: (by, user) =>
      onAll(by, user, 'api_key.disabled', ({ tx, org }) => disableApiKeys(tx, org, user)),

    enableAll: (by, user) =>
      onAll(by, user, 'api_key.enabled', async ({ tx, org, at }, { status }) => {
        if (status !== 'active') {
          throw new DomainError('target_inactive', 'Activate the user first, then let the keys work again.');
        }
        return enableApiKeys(tx, org, user, 'all', at);
      }),

    revokeAll: (by, user) =>
      onAll(by, user, 'api_key.revoked', ({ tx, org, at }) => revokeApiKeys(tx, org, user, undefined, at)),
  };
}

/**
 * Ends one key of a user for good, in a command's transaction.
 * @throws DomainError `forbidden`, `self_change`, `not_found` also for a key that is revoked
 */
export async function revokeUserKeyWithin(
  context: CommandContext,
  actor: Authority,
  user: UserId,
  key: string,
): Promise<void> {
  const { tx, org, at, recordEvent } = context;
  requireWholeOrganization(actor, 'api_keys:manage');
  requireManage(actor, await loadDirectoryUser(context, user), 'whole account');
  if ((await revokeApiKeys(tx, org, user, key, at)).length === 0) throw notFound('api_key');
  recordEvent({ action: 'api_key.revoked', target: ['api_key', key], member: user });
}

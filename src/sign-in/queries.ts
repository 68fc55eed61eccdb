import { countApiKeys } from '../access/api-keys/store.ts';
import type { UserId } from '../directory/ids.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { mayRead, userNotFound } from '../directory/roles/rules/guards.ts';
import type { UserQueries } from '../directory/users/queries.ts';
import type { Database } from '../platform/db/database.ts';
import { findCandidate } from './store/passwords.ts';
import { type ListedSession, listSessions } from './store/sessions.ts';

/** How a user signs in, for themselves. */
export interface Account {
  readonly organization: string;
  readonly hasPassword: boolean;
  readonly secondFactor: boolean;
}

/** The Security tab of a user (R140). Times are ISO 8601. */
export interface Security {
  readonly failedLogins: number;
  readonly lockedAt: string | undefined;
  readonly password: boolean;
  readonly secondFactor: boolean;
  readonly apiKeys: number;
  /** Undefined if the caller does not manage the user. */
  readonly sessions: readonly ListedSession[] | undefined;
}

export interface SecurityQueries {
  account(by: Authority): Promise<Account>;
  /** @throws DomainError `not_found`, also for a user that the caller may not see */
  ofUser(by: Authority, user: UserId): Promise<Security>;
}

/** Builds the questions about how users sign in. */
export function createSecurityQueries({
  db,
  now,
  userQueries: users,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly userQueries: UserQueries;
}): SecurityQueries {
  return {
    account: async (by) => {
      const candidate = await findCandidate(db, by.org, by.rights.id);
      if (candidate === undefined) throw userNotFound();
      const { organization, hash, sealedSecret } = candidate;
      return { organization, hasPassword: hash !== null, secondFactor: sealedSecret !== null };
    },

    ofUser: async (by, user) => {
      const directoryUser = await users.get(by, user);
      const at = now().toISOString();
      const sees = directoryUser.id === by.rights.id || mayRead(by, 'users:manage', directoryUser);
      const [candidate, apiKeys, sessions] = await Promise.all([
        findCandidate(db, by.org, user),
        countApiKeys(db, by.org, user, at),
        sees ? listSessions(db, by.org, user, at) : undefined,
      ]);
      const { lockedAt, failedLogins } = directoryUser;
      return {
        failedLogins,
        lockedAt,
        password: typeof candidate?.hash === 'string',
        secondFactor: typeof candidate?.sealedSecret === 'string',
        apiKeys,
        sessions,
      };
    },
  };
}

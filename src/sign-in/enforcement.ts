import type { CommandContext } from '../directory/command-runner.ts';
import type { OrgId } from '../directory/ids.ts';
import type { Executor } from '../platform/db/statement.ts';
import { domainOf } from '../sso/rules/domains.ts';
import { domainIsEnforced } from '../sso/store/login-connections.ts';
import { endSessions, findPasswordSessions } from './store/sessions.ts';

/** A user who would sign in with a password. */
export interface PasswordHolder {
  readonly org: OrgId;
  readonly email: string;
  readonly owner: boolean;
}

/** Users of an enforced domain sign in at their provider; owners keep a way in of their own (R143). */
export async function passwordIsAllowed(
  db: Executor,
  { org, email, owner }: PasswordHolder,
): Promise<boolean> {
  const domain = owner ? undefined : domainOf(email);
  return domain === undefined || !(await domainIsEnforced(db, org, domain));
}

/**
 * Ends the sessions that users of domains began with a password or an invitation, owners excepted: from now on they
 * sign in at their provider.
 */
export async function endPasswordSessions(
  { tx, org, at, recordEvent }: CommandContext,
  domains: ReadonlySet<string>,
): Promise<void> {
  if (domains.size === 0) return;
  const sessions = (await findPasswordSessions(tx, org)).filter(({ email }) =>
    domains.has(domainOf(email) ?? ''),
  );
  for (const user of new Set(sessions.map((session) => session.user))) {
    const ids = sessions.filter((session) => session.user === user).map(({ id }) => id);
    for (const id of ids) await endSessions(tx, org, user, { only: id }, at);
    const values = { sessions: [ids.length, 0], by: [null, 'sso_enforced'] } as const;
    recordEvent({ action: 'session.ended', target: ['user', user], changes: { values } });
  }
}

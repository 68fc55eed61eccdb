import type { CommandRunner, UnlockedContext } from '../directory/command-runner.ts';
import type { UserId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireManage } from '../directory/roles/rules/guards.ts';
import { loadDirectoryUser } from '../directory/users/target.ts';
import type { Database } from '../platform/db/database.ts';
import { endSessions, type ListedSession, listSessions } from './store/sessions.ts';

export type { ListedSession } from './store/sessions.ts';

export interface SessionCommands {
  /** One's own live sessions, the one used last first. */
  own(by: Authority): Promise<ListedSession[]>;
  /** @throws DomainError `not_found` */
  endOwn(by: Authority, session: string): Promise<void>;
  /** Ends all of one's own but the caller. */
  endOthers(by: Authority, present: string): Promise<void>;
  /**
   * Ends the sessions of a user, or one of them.
   * @throws DomainError `not_found`, `forbidden`
   */
  endOf(by: Authority, user: UserId, session: string | undefined): Promise<void>;
}

/** Builds the commands about sessions that run. */
export function createSessionCommands({
  db,
  now,
  runner,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
}): SessionCommands {
  return {
    own: (by) => listSessions(db, by.org, by.rights.id, now().toISOString()),

    endOwn: (by, session) =>
      runner.withoutLock(by.org, by.origin, async (context) => {
        if ((await endSessionsAndRecord(context, by.rights.id as UserId, { only: session })) === 0)
          throw sessionNotFound();
      }),

    endOthers: (by, present) =>
      runner.withoutLock(by.org, by.origin, async (context) => {
        await endSessionsAndRecord(context, by.rights.id as UserId, { except: present });
      }),

    endOf: (by, user, session) =>
      runner.runAs(by, async (context, actor) => {
        const directoryUser = await loadDirectoryUser(context, user);
        if (user !== actor.rights.id) requireManage(actor, directoryUser, 'whole account');
        const ended = await endSessionsAndRecord(
          context,
          user,
          session === undefined ? {} : { only: session },
        );
        if (ended === 0 && session !== undefined) throw sessionNotFound();
      }),
  };
}

/** Ends sessions of a user and records it, if there were any. @returns how many */
export async function endSessionsAndRecord(
  { tx, org, at, recordEvent }: UnlockedContext,
  user: UserId,
  which: { readonly only?: string; readonly except?: string },
): Promise<number> {
  const ended = await endSessions(tx, org, user, which, at);
  if (ended.length > 0) {
    const values = { sessions: [ended.length, 0] as const };
    recordEvent({ action: 'session.ended', target: ['user', user], changes: { values } });
  }
  return ended.length;
}

const sessionNotFound = () => notFound('session');

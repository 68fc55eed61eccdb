import type { Administer, UnlockedWork } from '../directory/command-runner.ts';
import type { UserId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { demandManage } from '../directory/roles/rules/guards.ts';
import { loadPerson } from '../directory/users/target.ts';
import type { Database } from '../platform/db/database.ts';
import { endSessions, type ListedSession, listSessions } from './store/sessions.ts';

export type { ListedSession } from './store/sessions.ts';

export interface SessionCommands {
  /** One's own live sessions, the one used last first. */
  own(by: Authority): Promise<ListedSession[]>;
  /** @throws Refusal `not_found` */
  endOwn(by: Authority, session: string): Promise<void>;
  /** Ends all of one's own but the one that asks. */
  endOthers(by: Authority, present: string): Promise<void>;
  /**
   * Ends the sessions of somebody, or one of them.
   * @throws Refusal `not_found`, `forbidden`
   */
  endOf(by: Authority, user: UserId, session: string | undefined): Promise<void>;
}

/** Builds the commands about sessions that run. */
export function createSessionCommands({
  db,
  now,
  administer,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly administer: Administer;
}): SessionCommands {
  return {
    own: (by) => listSessions(db, by.org, by.rights.id, now().toISOString()),

    endOwn: (by, session) =>
      administer.withoutLock(by.org, by.origin, async (work) => {
        if ((await endAndNote(work, by.rights.id as UserId, { only: session })) === 0) throw noSuchSession();
      }),

    endOthers: (by, present) =>
      administer.withoutLock(by.org, by.origin, async (work) => {
        await endAndNote(work, by.rights.id as UserId, { except: present });
      }),

    endOf: (by, user, session) =>
      administer.as(by, async (work, actor) => {
        const person = await loadPerson(work, user);
        if (user !== actor.rights.id) demandManage(actor, person, 'whole account');
        const ended = await endAndNote(work, user, session === undefined ? {} : { only: session });
        if (ended === 0 && session !== undefined) throw noSuchSession();
      }),
  };
}

/** Ends sessions of somebody and says so, if there were any. @returns how many */
export async function endAndNote(
  { tx, org, at, note }: UnlockedWork,
  user: UserId,
  which: { readonly only?: string; readonly except?: string },
): Promise<number> {
  const ended = await endSessions(tx, org, user, which, at);
  if (ended.length > 0) {
    const values = { sessions: [ended.length, 0] as const };
    note({ action: 'session.ended', target: ['user', user], changes: { values } });
  }
  return ended.length;
}

const noSuchSession = () => notFound('session');

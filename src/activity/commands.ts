import type { UserId } from '../directory/ids.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { forbidden, requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import { caseKey } from '../directory/rules/comparison-keys.ts';
import type { Database } from '../platform/db/database.ts';
import { createKeyedSemaphore } from '../platform/semaphore.ts';
import type { ReportedEvent } from './activity-event.ts';
import { checkEvents, type EventRejection } from './rules/acceptance.ts';
import { findReportedUsers, insertActivity } from './store/ingest.ts';

/** What became of a batch: all of it is stored, or nothing and why. */
export type ReportOutcome =
  | { readonly accepted: number; readonly duplicates: number }
  | { readonly rejections: readonly EventRejection[] };

export interface ActivityCommands {
  /**
   * Stores what users did in an application (R101); needs `activity:report` and an API key.
   * @throws DomainError `forbidden`; `conflict` if a user is erased meanwhile
   */
  report(by: Authority, events: readonly ReportedEvent[]): Promise<ReportOutcome>;
}

export interface ActivityDependencies {
  readonly db: Database;
  readonly now: () => Date;
  /** For how many days events are kept. */
  readonly retentionDays: number;
}

/** Batches of one organization that have a connection in this process: one is stored, one waits for the lock. */
const AT_ONCE = 2;

/** Builds the commands about activity. */
export function createActivityCommands({ db, now, retentionDays }: ActivityDependencies): ActivityCommands {
  const inTurn = createKeyedSemaphore(AT_ONCE);

  return {
    report: async (by, events) => {
      requireWholeOrganization(by, 'activity:report');
      if (by.actor.type !== 'service_account' && by.actor.type !== 'api_key') throw forbidden(KEY_ONLY);
      const found = await findUsers(db, by, events);
      const { good, rejections } = checkEvents(events, found, now(), retentionDays);
      if (rejections.length > 0) return { rejections };
      // A share of its own: applications take no connection from administrators.
      const accepted = await inTurn(by.org, () =>
        db.transaction(`${by.org} activity`, (tx) => insertActivity(tx, by.org, good, now())),
      );
      return { accepted, duplicates: events.length - accepted };
    },
  };
}

const KEY_ONLY = 'Report activity with an API key that has the scope activity:report, not with a session.';

/** The user that each event names; undefined for none of this organization. */
async function findUsers(
  db: Database,
  { org }: Authority,
  events: readonly ReportedEvent[],
): Promise<(UserId | undefined)[]> {
  const ids = new Set(events.flatMap(({ userId }) => userId ?? []));
  const keys = new Set(events.flatMap(({ email }) => (email === undefined ? [] : [caseKey(email)])));
  const { byId, byEmail } = await findReportedUsers(db, org, [...ids], [...keys]);
  return events.map(({ userId, email }) => {
    if (userId !== undefined) return byId.has(userId) ? userId : undefined;
    return email === undefined ? undefined : byEmail.get(caseKey(email));
  });
}

import type { EventAction } from '../../audit/catalogue.ts';
import {
  confirmEvents,
  consumeEventsWithin,
  consumeInTurns,
  type FeedEvent,
  peekEvents,
} from '../../audit/feed.ts';
import type { Database } from '../../platform/db/database.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { OrgId, UserId } from '../ids.ts';
import { settleUsers, settlingOrigin } from './settling.ts';
import { findOrganizationsToFollow } from './store/patterns.ts';

/** Events that one transaction looks at. */
const BATCH = 1_000;

/** What can give a user another sign-in address, whoever does it. */
const FOLLOWED: ReadonlySet<string> = new Set<EventAction>([
  'user.created',
  'user.updated',
  'user.adopted',
  'user.restored',
  'user.email_changed',
]);

const usersOf = (events: readonly FeedEvent[]): UserId[] => [
  ...new Set(events.filter(({ action }) => FOLLOWED.has(action)).map(({ targetId }) => targetId as UserId)),
];

/**
 * Builds what has memberships follow sign-in addresses, apart from the commands that change them, so that none waits for it.
 * It continues until no event is left, or the signal is aborted.
 */
export function createFollowing({
  db,
  now,
  runner,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
}): (signal: AbortSignal) => Promise<void> {
  const follow = async (org: OrgId): Promise<number> => {
    const events = await peekEvents(db, org, 'patterns', BATCH);
    const last = events.at(-1);
    if (last === undefined) return 0;
    if (usersOf(events).length === 0) {
      await db.transaction(org, (tx) => confirmEvents(tx, org, 'patterns', last));
      return events.length;
    }
    // The lock comes before the cursor, which commands that set the first pattern move under the lock.
    return runner.withOrganization(org, settlingOrigin(now()), (context) =>
      consumeEventsWithin(context.tx, org, 'patterns', BATCH, (read) => settleUsers(context, usersOf(read))),
    );
  };
  return async (signal) => consumeInTurns(await findOrganizationsToFollow(db), BATCH, follow, signal);
}

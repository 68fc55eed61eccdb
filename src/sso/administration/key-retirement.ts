import type { Origin } from '../../directory/actor.ts';
import type { CommandRunner } from '../../directory/command-runner.ts';
import type { Database } from '../../platform/db/database.ts';
import { findConnectionsWithRetiredKeys } from '../store/keys.ts';
import { deleteRetiredKeys } from './own-keys.ts';

const origin: Origin = {
  actor: { type: 'system', id: 'worker', via: 'schedule' },
  requestId: 'sso-key-retirement',
};

/** Builds what the schedule does about keys of ours whose time has ended: they count no more, and here they are deleted. */
export function createKeyRetirement({
  db,
  now,
  runner,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
}): () => Promise<void> {
  return async () => {
    for (const { org_id, connection_id } of await findConnectionsWithRetiredKeys(db, now().toISOString())) {
      await runner.withOrganization(org_id, origin, (context) => deleteRetiredKeys(context, connection_id));
    }
  };
}

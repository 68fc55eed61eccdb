import { RULE_SETTINGS } from '../alerts/settings.ts';
import { envelope } from '../audit/envelope.ts';
import { recordEvents } from '../audit/store/append.ts';
import type { Provisioner } from '../directory/actor.ts';
import { DomainError } from '../directory/errors.ts';
import type { ConnectionId, OrgId } from '../directory/ids.ts';
import { readStored } from '../directory/organizations/settings.ts';
import type { Database } from '../platform/db/database.ts';
import type { Executor } from '../platform/db/statement.ts';
import { uuidv7 } from '../platform/ids.ts';
import {
  countProvisioned,
  countRemoval,
  countRemovedBetween,
  findMassChangeRule,
  markTold,
} from './store/removals.ts';

/** Seconds after which a directory may try again: most try every few minutes, and not for long. */
const RETRY_AFTER = 300;
const MINUTE_MS = 60_000;

/** Whether so many removals of a connection are a mass change. @param settings as the organization stored them */
async function isMassChange(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  removed: number,
  settings: unknown,
): Promise<boolean> {
  const { percent, atLeast } = readStored(RULE_SETTINGS.mass_change, settings);
  if (removed < atLeast) return false;
  // So many users, and the removals are not the share of them: no more need to be counted.
  const most = Math.floor((removed * 100) / percent) + 1;
  return (await countProvisioned(tx, org, connection, most)) < most;
}

/**
 * Counts a removal by a connection that holds mass changes, after its write and in its transaction: a removal beyond the
 * limit is rolled back. Connections that hold nothing are not counted.
 * @throws DomainError `mass_change_held`
 */
export async function requireNoMassChange(
  tx: Executor,
  { org, connection }: Provisioner,
  at: Date,
): Promise<void> {
  const { removed, settings } = await countRemoval(tx, org, connection, at);
  if (!(await isMassChange(tx, org, connection, removed, settings))) return;
  throw new DomainError(
    'mass_change_held',
    'This connection would deactivate or delete an unusual share of its users within a short time, and its administrator chose to hold such changes: nothing was changed. An administrator of the organization has to allow it (POST /api/v1/scim/connections/{id}/allow-mass-change), or the directory has to stop sending it.',
    RETRY_AFTER,
  );
}

/** Records that a change is held, at most once within the window, so that administrators are told. */
export async function recordHeld(db: Database, by: Provisioner, at: Date): Promise<void> {
  await db.transaction(by.org, async (tx) => {
    const { windowMinutes } = readStored(RULE_SETTINGS.mass_change, await findMassChangeRule(tx, by.org));
    const since = new Date(at.getTime() - windowMinutes * MINUTE_MS).toISOString();
    const iso = at.toISOString();
    if (!(await markTold(tx, by.org, by.connection, iso, since))) return;
    await recordEvents(tx, by.org, envelope(by.origin, uuidv7(at.getTime()), iso), [
      { action: 'connection.mass_change_held', target: ['connection', by.connection] },
    ]);
  });
}

/** Whether a deletion was a part of a mass change: the window around it had as many. @param at ISO 8601 */
export async function wasMassChange(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  at: string,
): Promise<boolean> {
  const settings = await findMassChangeRule(tx, org);
  const span = readStored(RULE_SETTINGS.mass_change, settings).windowMinutes * MINUTE_MS;
  const time = Date.parse(at);
  const removed = await countRemovedBetween(
    tx,
    org,
    connection,
    new Date(time - span),
    new Date(time + span),
  );
  return isMassChange(tx, org, connection, removed, settings);
}

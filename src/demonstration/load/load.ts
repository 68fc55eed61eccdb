import type { OrgId, UserId } from '../../directory/ids.ts';
import { createOrganization } from '../../directory/organizations/create.ts';
import { ensurePartitions } from '../../maintenance/partitions.ts';
import type { Database } from '../../platform/db/database.ts';
import { DAY_MS } from '../../platform/time.ts';
import type { OpenPast } from '../past.ts';
import { ORGANIZATION, OWNER } from '../rules/people.ts';
import { findDemonstrationOwner, writeProgress } from '../store/demonstrations.ts';
import { playMonth } from './month.ts';
import { createClock, createWorld, DAYS } from './world.ts';

/** Loading stops: the demonstration is not wanted any more. */
class Unwanted extends Error {}

/**
 * Makes the demonstration of an organization and plays a month in it, by the commands that REST, SCIM and the schedule use,
 * with a clock that walks through the month (ADR 0050).
 * @throws the reason of `signal` once it is aborted
 */
export async function loadDemonstration(
  { db, now, openPast }: { readonly db: Database; readonly now: () => Date; readonly openPast: OpenPast },
  loader: OrgId,
  signal: AbortSignal,
): Promise<void> {
  const clock = createClock(now());
  // A partition for each day of the provisioning log, and for the month before.
  for (let day = DAYS; day > 0; day -= 2)
    await ensurePartitions(db, new Date(now().getTime() - day * DAY_MS));
  const past = openPast(clock.now);
  clock.moveTo(0, 8);
  const { org, connection } = await createOrganization(
    { db, now: clock.now },
    { actor: { type: 'system', id: 'bootstrap', via: 'cli' }, requestId: 'demonstration' },
    {
      name: ORGANIZATION,
      ownerEmail: OWNER.email,
      ownerName: OWNER.name,
      ownerPassword: undefined,
      connectionName: 'Okta',
      strict: false,
      scimToken: undefined,
      demonstrationOf: loader,
    },
  );
  const world = createWorld({ db, past, clock, org, signal });
  const owner = (await findDemonstrationOwner(db, org)) as UserId;
  const reached = async (percent: number): Promise<void> => {
    signal.throwIfAborted();
    if (!(await writeProgress(db, loader, percent)))
      throw new Unwanted('The demonstration is to be removed.');
  };
  try {
    await playMonth(world, { owner, okta: connection }, reached);
  } catch (error) {
    if (!(error instanceof Unwanted)) throw error;
  }
}

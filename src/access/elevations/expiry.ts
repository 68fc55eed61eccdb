import type { CommandDependencies } from '../../directory/command-dependencies.ts';
import type { OrgId } from '../../directory/ids.ts';
import { notify } from '../../notifications/notify.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { endedNotice } from './granted.ts';
import { findOrganizationsWithExpiry, recordExpiries } from './store.ts';

export interface ElevationExpiry {
  /**
   * Records every elevation that has ended, by its time or with the account, once: an event and a mail. The
   * elevation ends without this (docs/roles.md §5).
   * @returns how many there were
   */
  recordExpired(): Promise<number>;
  /** The same for one organization. */
  recordExpiredOf(org: OrgId): Promise<number>;
}

/** Builds what the schedule does about elevations. */
export function createElevationExpiry({
  db,
  now,
  runner,
  seal,
}: CommandDependencies & {
  readonly seal: SecretBox;
}): ElevationExpiry {
  const origin = {
    actor: { type: 'system', id: 'worker', via: 'schedule' },
    requestId: 'elevation-expiry',
  } as const;
  const recordExpiredOf = (org: OrgId): Promise<number> =>
    runner.withOrganization(org, origin, async (context) => {
      const ended = await recordExpiries(context.tx, context.org, context.at);
      for (const { id, user, isCutShort } of ended) {
        const action = isCutShort ? 'elevation.revoked' : 'elevation.expired';
        context.recordEvent({ action, target: ['elevation', id], member: user });
      }
      await notify(context, seal, 'own_elevations', ended.map(endedNotice));
      return ended.length;
    });
  return {
    recordExpired: async () => {
      let recorded = 0;
      for (const org of await findOrganizationsWithExpiry(db, now().toISOString())) {
        recorded += await recordExpiredOf(org);
      }
      return recorded;
    },

    recordExpiredOf,
  };
}

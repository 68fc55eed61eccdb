import type { Administer } from '../../directory/command-runner.ts';
import { findSettings } from '../../directory/organizations/store/settings.ts';
import { sendMail } from '../../notifications/mails.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Seal } from '../../platform/secret-box.ts';
import { findOrganizationsWithExpiry, noteExpiries } from './store.ts';

export interface ElevationExpiry {
  /**
   * Says of every elevation that has ended, by its time or with the account, that it has, once: an event and a
   * mail. That it has ended needs nobody to say so (PRODUCT §1.5).
   * @returns how many there were
   */
  noteExpired(): Promise<number>;
}

/** Builds what the schedule does about elevations. */
export function createElevationExpiry({
  db,
  now,
  administer,
  seal,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly administer: Administer;
  readonly seal: Seal;
}): ElevationExpiry {
  const origin = {
    actor: { type: 'system', id: 'worker', via: 'schedule' },
    requestId: 'elevation-expiry',
  } as const;
  return {
    noteExpired: async () => {
      let noted = 0;
      for (const organization of await findOrganizationsWithExpiry(db, now().toISOString())) {
        noted += await administer.on(organization, origin, async ({ tx, org, at, newId, note }) => {
          const ended = await noteExpiries(tx, org, at);
          const { organization: called } = await findSettings(tx, org);
          for (const { id, user_id, role, email, cut_short, reachable } of ended) {
            const action = cut_short ? 'elevation.revoked' : 'elevation.expired';
            note({ action, target: ['elevation', id], member: user_id });
            if (!reachable) continue;
            const mail = { template: 'elevation_ended', to: email, organization: called, role } as const;
            await sendMail(tx, seal, org, newId(), mail);
          }
          return ended.length;
        });
      }
      return noted;
    },
  };
}

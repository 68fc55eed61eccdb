import type { CommandDependencies } from '../../directory/command-dependencies.ts';
import { findSettings } from '../../directory/organizations/store/settings.ts';
import { sendMail } from '../../notifications/mails.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { findOrganizationsWithExpiry, recordExpiries } from './store.ts';

export interface ElevationExpiry {
  /**
   * Records every elevation that has ended, by its time or with the account, once: an event and a mail. The
   * elevation ends without this (docs/roles.md §5).
   * @returns how many there were
   */
  recordExpired(): Promise<number>;
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
  return {
    recordExpired: async () => {
      let recorded = 0;
      for (const organization of await findOrganizationsWithExpiry(db, now().toISOString())) {
        recorded += await runner.withOrganization(
          organization,
          origin,
          async ({ tx, org, at, newId, recordEvent }) => {
            const ended = await recordExpiries(tx, org, at);
            const { organization: called } = await findSettings(tx, org);
            for (const { id, user, role, email, isCutShort, isReachable } of ended) {
              const action = isCutShort ? 'elevation.revoked' : 'elevation.expired';
              recordEvent({ action, target: ['elevation', id], member: user });
              if (!isReachable) continue;
              const mail = { template: 'elevation_ended', to: email, organization: called, role } as const;
              await sendMail(tx, seal, org, newId(), mail);
            }
            return ended.length;
          },
        );
      }
      return recorded;
    },
  };
}

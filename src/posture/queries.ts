import type { OrgId } from '../directory/ids.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import { type Authority, scopeOf } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import { countRolesAt, type PastRoleCounts } from '../history/store/privileged.ts';
import { findCompleteSince } from '../history/store/snapshot.ts';
import type { Database } from '../platform/db/database.ts';
import { daysBefore } from '../platform/time.ts';
import { type Figure, figuresOf, peopleToCount, UNUSED_DAYS } from './rules/figures.ts';
import { countPeople, countPrograms } from './store/everyone.ts';
import { countActive, countActiveUpTo, countPrivileged } from './store/privileged.ts';

export interface Posture {
  /** ISO 8601 */
  readonly at: string;
  readonly activePeople: number;
  readonly figures: readonly Figure[];
  /** The moment that figures are compared with; null where history does not reach so far back. */
  readonly previous: { readonly at: string; readonly activePeople: number } | null;
}

export interface PostureQueries {
  /** Who has much power, and what is left open (R135). Without `api_keys:manage` no keys. @throws DomainError `forbidden` */
  get(by: Authority): Promise<Posture>;
  /**
   * The warnings about roles and second factors alone, for what is asked often: reads a bounded number of rows.
   * @returns none for a caller who may not read everyone
   */
  warnings(by: Authority): Promise<readonly Figure[]>;
}

/** Days to the moment that figures are compared with. */
const MONTH_DAYS = 30;
/** People with a high role of whom warnings count. */
const MOST_PRIVILEGED = 10_000;

/** Builds the questions about the posture of an organization: all of it is derived, nothing is kept. */
export function createPostureQueries({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): PostureQueries {
  const past = async (
    org: OrgId,
    asOf: string,
    active: Promise<number>,
  ): Promise<PastRoleCounts | undefined> => {
    const since = await findCompleteSince(db, org);
    if (since === undefined || Date.parse(since) > Date.parse(asOf)) return undefined;
    return countRolesAt(db, { org, asOf }, await active);
  };

  return {
    get: async (by) => {
      requireWholeOrganization(by, 'users:read');
      const { org } = by;
      const time = now();
      const at = time.toISOString();
      const asOf = daysBefore(time, MONTH_DAYS);
      const unusedSince = daysBefore(time, UNUSED_DAYS);
      const seesKeys = scopeOf(by, 'api_keys:manage') === 'all';
      const active = countActive(db, org);
      const [{ settings }, privileged, activePeople, people, programs, earlier] = await Promise.all([
        findSettings(db, org),
        countPrivileged(db, org, at),
        active,
        countPeople(db, org, unusedSince),
        seesKeys ? countPrograms(db, org, at, unusedSince) : undefined,
        past(org, asOf, active),
      ]);
      const counts = {
        owners: privileged.owners,
        admins: privileged.admins,
        configure: privileged.configure,
        privileged_without_second_factor: privileged.withoutSecondFactor,
        without_second_factor: people.withoutSecondFactor,
        inactive: people.inactive,
        outside_sso: people.outsideSso ?? undefined,
        unused_service_accounts: programs?.unusedServiceAccounts,
        unused_api_keys: programs?.unusedApiKeys,
        api_keys_without_expiry: programs?.apiKeysWithoutExpiry,
      };
      return {
        at,
        activePeople,
        figures: figuresOf(counts, activePeople, settings.postureLimits, earlier),
        previous: earlier === undefined ? null : { at: asOf, activePeople: earlier.activePeople },
      };
    },

    warnings: async (by) => {
      if (scopeOf(by, 'users:read') !== 'all') return [];
      const { settings } = await findSettings(db, by.org);
      const limits = settings.postureLimits;
      const privileged = await countPrivileged(db, by.org, now().toISOString(), MOST_PRIVILEGED);
      const { owners, admins, configure, withoutSecondFactor } = privileged;
      const people = await countActiveUpTo(db, by.org, peopleToCount(admins, configure, limits));
      const counts = { owners, admins, configure, privileged_without_second_factor: withoutSecondFactor };
      return figuresOf(counts, people, limits).filter(({ warning }) => warning !== null);
    },
  };
}

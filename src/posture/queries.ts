import type { OrgId } from '../directory/ids.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import { type Authority, scopeOf } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import { countRolesAt, type PastRoleCounts } from '../history/store/privileged.ts';
import { findCompleteSince } from '../history/store/snapshot.ts';
import type { Database } from '../platform/db/database.ts';
import { DatabaseUnavailable, type UnavailableReason } from '../platform/db/unavailable.ts';
import { daysBefore } from '../platform/time.ts';
import { type Counts, type Figure, figuresOf, peopleToCount, UNUSED_DAYS } from './rules/figures.ts';
import { countInactive, countLinkedToSso, countPasswordAlone, countPrograms } from './store/everyone.ts';
import { countActive, countActiveUpTo, countPrivileged } from './store/privileged.ts';

export interface Posture {
  /** ISO 8601 */
  readonly at: string;
  /** Null where counting them took too long. */
  readonly activePeople: number | null;
  readonly figures: readonly Figure[];
  /**
   * The moment that figures are compared with; null where history does not reach so far back. Without active people it took
   * too long to read.
   */
  readonly previous: { readonly at: string; readonly activePeople: number | null } | null;
}

export interface PostureQueries {
  /**
   * Who has much power, and what is left open (R135). Without `api_keys:manage` no keys. What is not counted in time is
   * null, beside the rest.
   * @throws DomainError `forbidden`; DatabaseUnavailable if nothing is counted in time
   */
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

/** A statement that ran over its limit, or waited too long for a connection that one of the others had. */
const TOO_LATE: readonly UnavailableReason[] = ['slow', 'busy'];

/** One of several numbers that are counted together. */
const of = <Counted extends object, Key extends keyof Counted>(
  counted: Counted | null | undefined,
  key: Key,
): Counted[Key] | null | undefined => (counted === null || counted === undefined ? counted : counted[key]);

/** Builds the questions about the posture of an organization: all of it is derived, nothing is kept. */
export function createPostureQueries({
  db,
  now,
  onNotCounted,
}: {
  readonly db: Database;
  readonly now: () => Date;
  /** Called for what was not counted in time. */
  readonly onNotCounted: (what: string, error: DatabaseUnavailable) => void;
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

  /** Of the active people those who are not linked: linked ones are counted from an index, which few may be missing in. */
  const outsideSso = async (org: OrgId, active: Promise<number>): Promise<number | undefined> => {
    const linked = await countLinkedToSso(db, org);
    return linked === undefined ? undefined : Math.max(0, (await active) - linked);
  };

  /** @returns null if it was not counted in time */
  const inTime = async <Counted>(what: string, counting: Promise<Counted>): Promise<Counted | null> => {
    try {
      return await counting;
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable) || !TOO_LATE.includes(error.reason)) throw error;
      onNotCounted(what, error);
      return null;
    }
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
      const [{ settings }, activePeople, privileged, earlier, ...others] = await Promise.all([
        findSettings(db, org),
        inTime('active people', active),
        inTime('roles', countPrivileged(db, org, at)),
        inTime('roles of thirty days before', past(org, asOf, active)),
        inTime('passwords alone', countPasswordAlone(db, org)),
        inTime('inactive people', countInactive(db, org, unusedSince)),
        inTime('people linked to single sign-on', outsideSso(org, active)),
        inTime('API keys', seesKeys ? countPrograms(db, org, at, unusedSince) : Promise.resolve(undefined)),
      ]);
      const [withoutSecondFactor, inactive, outside, programs] = others;
      // Not one number is no answer: `active` throws what it met.
      if ([activePeople, privileged, withoutSecondFactor, inactive].every((each) => each === null))
        await active;
      const counts: Counts = {
        owners: of(privileged, 'owners'),
        admins: of(privileged, 'admins'),
        configure: of(privileged, 'configure'),
        privileged_without_second_factor: of(privileged, 'withoutSecondFactor'),
        without_second_factor: withoutSecondFactor,
        inactive,
        outside_sso: outside,
        unused_service_accounts: of(programs, 'unusedServiceAccounts'),
        unused_api_keys: of(programs, 'unusedApiKeys'),
        api_keys_without_expiry: of(programs, 'apiKeysWithoutExpiry'),
      };
      return {
        at,
        activePeople,
        figures: figuresOf(counts, activePeople, settings.postureLimits, earlier ?? undefined),
        previous:
          earlier === undefined ? null : { at: asOf, activePeople: of(earlier, 'activePeople') ?? null },
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

import type { AuditQueries } from '../audit/queries.ts';
import { findNames, type PartyName } from '../audit/store/names.ts';
import { DomainError } from '../directory/errors.ts';
import type { UserId } from '../directory/ids.ts';
import { type Authority, managedGroups, scopeOf } from '../directory/roles/authority.ts';
import { forbidden, mayRead, requirePermission, userNotFound } from '../directory/roles/rules/guards.ts';
import { findDirectoryUser } from '../directory/users/store/users.ts';
import type { DirectoryUser } from '../directory/users/user.ts';
import type { Database } from '../platform/db/database.ts';
import { DAY_MS, HOUR_MS } from '../platform/time.ts';
import type { TopKind } from './activity-event.ts';
import { type LogCursor, type LogPage, type LogSearch, readLog } from './log.ts';
import { type Bucket, type BucketSize, startOfHour, toBuckets } from './rules/buckets.ts';
import { type Dashboard, FALLBACK, makeDashboard, WINDOWS, type Window } from './rules/dashboard.ts';
import { COMPARED_DAYS, type Usual, usualOf } from './rules/usual.ts';
import { countFailedSignIns, findTop, sumByHour, sumOfUser, type TopFigures } from './store/figures.ts';
import { findMembersAnd } from './store/log.ts';

export interface DashboardAnswer {
  readonly user: DirectoryUser;
  readonly window: Window;
  /** ISO 8601: the window ends now. */
  readonly from: string;
  readonly to: string;
  readonly dashboard: Dashboard;
}

/** What a chart shows. Times are ISO 8601; undefined for the last 24 hours, or the last 30 days of days. */
export interface SeriesQuery {
  readonly size: BucketSize;
  readonly timeZone: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** A bucket with what is usual for it; null where too little is known. */
export interface ComparedBucket extends Bucket {
  readonly usual: Usual | null;
}

export interface TopQuery {
  readonly by: TopKind;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly limit: number;
}

export interface TopEntry {
  readonly figures: TopFigures;
  /** Of the top users; undefined of what is no user. */
  readonly user: PartyName | undefined;
}

/** Each needs `activity:read`, and shows as much as it reaches: oneself, the groups one manages, or everybody. */
export interface ActivityQueries {
  /** A user's dashboard (R100 to R103). @throws DomainError `not_found`, also for a user that the caller may not see */
  dashboard(by: Authority, user: UserId, window: Window): Promise<DashboardAnswer>;
  /**
   * What a user did and what was done to them, the newest first (R104 to R109).
   * @throws DomainError `not_found` as `dashboard`
   */
  logOfUser(
    by: Authority,
    user: UserId,
    search: Omit<LogSearch, 'users'>,
    from: LogCursor,
    limit: number,
  ): Promise<LogPage>;
  /** The same of all users that the caller may see, or of some of them. @throws DomainError `forbidden` */
  log(by: Authority, search: LogSearch, from: LogCursor, limit: number): Promise<LogPage>;
  /** @throws DomainError `not_found` as `dashboard`, `too_long` */
  seriesOfUser(by: Authority, user: UserId, query: SeriesQuery): Promise<readonly ComparedBucket[]>;
  /** @throws DomainError `forbidden`, `too_long` */
  series(by: Authority, query: SeriesQuery): Promise<readonly ComparedBucket[]>;
  /** Agents, users or resources with the most events. @throws DomainError `forbidden`, `too_long` */
  top(by: Authority, query: TopQuery): Promise<readonly TopEntry[]>;
}

/** The beginning of the log. */
export const NEWEST: LogCursor = { activity: undefined, audit: undefined };

/** Days that a chart shows at most, and those that it shows unless asked. */
const CHART_DAYS = { hour: { most: 31, usual: 1 }, day: { most: 400, usual: 30 } } as const;
const TOP_DAYS = { most: 31, usual: 7 } as const;

/** Builds the questions about activity. */
export function createActivityQueries({
  db,
  now,
  audit,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly audit: AuditQueries;
}): ActivityQueries {
  /** @throws DomainError `not_found` */
  const getUser = async (by: Authority, id: UserId): Promise<DirectoryUser> => {
    const user = await findDirectoryUser(db, by.org, id, now().toISOString());
    if (user === undefined || !mayRead(by, 'activity:read', user)) throw userNotFound();
    if (user.deletedAt !== undefined && scopeOf(by, 'activity:read') !== 'all') throw userNotFound();
    return user;
  };

  /** The users whose activity the caller may see; undefined means all. */
  const visibleUsers = async (by: Authority): Promise<readonly UserId[] | undefined> => {
    const scope = requirePermission(by, 'activity:read');
    if (scope === 'all') return undefined;
    if (scope !== 'group') return [by.rights.id];
    return findMembersAnd(db, by.org, [...managedGroups(by.rights)], by.rights.id);
  };

  const spanOf = (
    { from, to }: { readonly from: string | undefined; readonly to: string | undefined },
    { most, usual }: { readonly most: number; readonly usual: number },
  ) => {
    const end = to === undefined ? now() : new Date(to);
    const start = from === undefined ? new Date(end.getTime() - usual * DAY_MS) : new Date(from);
    if (end.getTime() - start.getTime() > most * DAY_MS) {
      throw new DomainError('too_long', `Ask for ${most} days or fewer: set from and to.`);
    }
    return { start, end, from: start.toISOString(), to: end.toISOString() };
  };

  const seriesOf = async (
    by: Authority,
    users: readonly UserId[] | undefined,
    query: SeriesQuery,
  ): Promise<readonly ComparedBucket[]> => {
    const { start, end, to } = spanOf(query, CHART_DAYS[query.size]);
    const compared = new Date(start.getTime() - (COMPARED_DAYS + 1) * DAY_MS).toISOString();
    const hours = await sumByHour(db, by.org, { from: compared, to, users });
    const first = startOfHour(start).toISOString();
    const shown = hours.filter(({ hour }) => hour >= first);
    const buckets = toBuckets(shown, query.size, query.timeZone, start, end);
    const usual = usualOf(buckets, hours, query.size, query.timeZone);
    return buckets.map((bucket, at) => ({ ...bucket, usual: usual[at] ?? null }));
  };

  return {
    dashboard: async (by, id, window) => {
      const user = await getUser(by, id);
      const time = now();
      const to = time.toISOString();
      const since = (hours: number) => new Date(time.getTime() - hours * HOUR_MS).toISOString();
      const from = since(WINDOWS[window]);
      const [inWindow, inTwice, inFallback, failedSignIns] = await Promise.all([
        sumOfUser(db, by.org, id, from, to),
        sumOfUser(db, by.org, id, since(2 * WINDOWS[window]), to),
        sumOfUser(db, by.org, id, since(WINDOWS[FALLBACK]), to),
        countFailedSignIns(db, by.org, id, since(24)),
      ]);
      const dashboard = makeDashboard(
        {
          email: user.email,
          lastLoginAt: user.lastLoginAt,
          window,
          inWindow,
          inTwice,
          inFallback,
          failedSignIns,
          status: user.deletedAt === undefined ? user.status : 'deleted',
          locked: user.lockedAt !== undefined,
        },
        time,
      );
      return { user, window, from, to, dashboard };
    },

    logOfUser: async (by, id, search, from, limit) => {
      await getUser(by, id);
      return readLog({ db, audit }, by, { ...search, users: [id] }, from, limit);
    },

    log: async (by, search, from, limit) => {
      const visible = await visibleUsers(by);
      const users =
        visible === undefined
          ? search.users
          : visible.filter((id) => search.users === undefined || search.users.includes(id));
      return readLog({ db, audit }, by, { ...search, users }, from, limit);
    },

    seriesOfUser: async (by, id, query) => {
      await getUser(by, id);
      return seriesOf(by, [id], query);
    },

    series: async (by, query) => seriesOf(by, await visibleUsers(by), query),

    top: async (by, { by: kind, limit, ...given }) => {
      const users = await visibleUsers(by);
      if (users !== undefined && kind === 'resource') throw forbidden(RESOURCES);
      const { from, to } = spanOf(given, TOP_DAYS);
      const rows = await findTop(db, by.org, kind, { from, to, users }, limit);
      const names =
        kind === 'user'
          ? await findNames(
              db,
              by.org,
              rows.map(({ key }) => key),
            )
          : new Map<string, PartyName>();
      return rows.map((figures) => ({ figures, user: names.get(figures.key) }));
    },
  };
}

const RESOURCES =
  'The top resources are counted for the whole organization: ask for agents or users, or ask an administrator.';

import { readRules } from '../alerts/settings.ts';
import { findStoredRules, listAlerts } from '../alerts/store/alerts.ts';
import { listNewestSeals } from '../audit/store/seals.ts';
import type { StreamQueries } from '../audit-streams/queries.ts';
import { type Authority, managedGroups, scopeOf } from '../directory/roles/authority.ts';
import type { Database } from '../platform/db/database.ts';
import { DAY_MS, daysBefore, HOUR_MS } from '../platform/time.ts';
import type { PostureQueries } from '../posture/queries.ts';
import { UNUSED_DAYS } from '../posture/rules/figures.ts';
import type { ReviewQueries } from '../reviews/queries.ts';
import { listWebhooks } from '../webhooks/store/webhooks.ts';
import {
  ENDING_DAYS,
  ending,
  FAILURE_HOURS,
  failingConnection,
  missingDomain,
  silentConnection,
  type WorkingConnection,
  workingConnections,
} from './rules/connections.ts';
import { type AttentionItem, COUNTED, compareItems } from './rules/item.ts';
import {
  alertItems,
  deadJobsItem,
  disabledWebhook,
  failingStream,
  postureItems,
  reviewItem,
} from './rules/operation.ts';
import { JOINED_DAYS, peopleItem } from './rules/people.ts';
import { findScimHealth, findSsoHealth } from './store/connections.ts';
import { findEnding, findMissingDomains } from './store/expiring.ts';
import { countWaitingJobs, findDeadJobs } from './store/operation.ts';
import { findPeople } from './store/people.ts';

/** What works. Parts that the caller may not see are null. */
export interface WorkingNormally {
  readonly connections: readonly WorkingConnection[] | null;
  /** The newest seal of the audit trail. */
  readonly seal: { readonly number: number; readonly sealedAt: string; readonly lastEventAt: string } | null;
  /** Jobs that wait or run; `isAtLeast` where counting stopped. */
  readonly jobs: { readonly waiting: number; readonly isAtLeast: boolean; readonly dead: number } | null;
}

export interface Attention {
  /** The most urgent first. */
  readonly items: readonly AttentionItem[];
  readonly workingNormally: WorkingNormally;
}

export interface AttentionQueries {
  /** What needs the attention of the caller: of each part only what their permissions let them see. */
  get(by: Authority): Promise<Attention>;
}

export interface AttentionDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly reviewQueries: Pick<ReviewQueries, 'list'>;
  readonly streamQueries: Pick<StreamQueries, 'list'>;
  readonly posture: Pick<PostureQueries, 'warnings'>;
}

/** Open alerts that are read, of which the most urgent are shown. */
const ALERTS_READ = 200;
const REVIEWS_READ = 5;

type Part = Promise<readonly (AttentionItem | undefined)[]>;

/** Builds the question what needs attention: a fixed number of statements, each of which reads a bounded number of rows. */
export function createAttentionQueries({
  db,
  now,
  reviewQueries,
  streamQueries,
  posture,
}: AttentionDependencies): AttentionQueries {
  const mayAll = (by: Authority, permission: Parameters<typeof scopeOf>[1]) =>
    scopeOf(by, permission) === 'all';

  const alerts = async (by: Authority): Part => {
    if (!mayAll(by, 'alerts:manage')) return [];
    const page = { after: undefined, limit: ALERTS_READ + 1 };
    return alertItems(await listAlerts(db, by.org, { states: ['open'] }, page), ALERTS_READ);
  };

  const ends = async (by: Authority, time: Date): Part => {
    const [certificates, tokens] = [mayAll(by, 'sso:manage'), mayAll(by, 'scim:manage')];
    const ofOthers = mayAll(by, 'api_keys:manage') ? ('all' as const) : undefined;
    const keys = ofOthers ?? (scopeOf(by, 'api_keys:own') === 'none' ? undefined : by.rights.id);
    if (!certificates && !tokens && keys === undefined) return [];
    const span = {
      from: time.toISOString(),
      to: new Date(time.getTime() + ENDING_DAYS * DAY_MS).toISOString(),
    };
    const scope = { certificates, tokens, keys };
    return (await findEnding(db, by.org, span, scope, COUNTED)).map((each) => ending(each, time));
  };

  const domains = async (by: Authority): Part =>
    mayAll(by, 'sso:manage') ? (await findMissingDomains(db, by.org)).map(missingDomain) : [];

  const reviews = async (by: Authority, time: Date): Part => {
    if (scopeOf(by, 'reviews:decide') === 'none') return [];
    const page = { after: undefined, limit: REVIEWS_READ };
    const open = await reviewQueries.list(by, { states: ['open'], mine: true }, page);
    return open.map((review) => reviewItem(review, time));
  };

  const people = async (by: Authority, time: Date): Part => {
    const [read, manage] = [scopeOf(by, 'users:read'), scopeOf(by, 'users:manage')];
    if (read !== 'all' && read !== 'group') return [];
    const groups = read === 'all' ? undefined : [...managedGroups(by.rights)];
    if (groups?.length === 0) return [];
    const times = {
      now: time.toISOString(),
      joinedBefore: daysBefore(time, JOINED_DAYS),
      seenBefore: daysBefore(time, UNUSED_DAYS),
    };
    const found = await findPeople(db, by.org, groups, times, COUNTED);
    return found.filter(({ what }) => what !== 'invitations' || manage !== 'none').map(peopleItem);
  };

  const connections = async (by: Authority, time: Date) => {
    const [scim, sso] = [mayAll(by, 'scim:manage'), mayAll(by, 'sso:manage')];
    if (!scim && !sso) return { items: [], working: null };
    const since = new Date(time.getTime() - FAILURE_HOURS * HOUR_MS);
    const [provisioned, signedIn, stored] = await Promise.all([
      scim ? findScimHealth(db, by.org, { since, now: time, most: COUNTED }) : [],
      sso ? findSsoHealth(db, by.org) : [],
      scim ? findStoredRules(db, by.org) : new Map<string, unknown>(),
    ]);
    const { silent_connection: rule } = readRules(stored);
    const items = provisioned
      .flatMap((each) => [
        failingConnection(each) ??
          (rule.enabled ? silentConnection(each, rule.hours, time) : undefined) ??
          [],
      ])
      .flat();
    return { items, working: { provisioned, signedIn } };
  };

  const operation = async (by: Authority) => {
    if (!mayAll(by, 'settings:manage')) return { items: [], jobs: null };
    const [dead, waiting] = await Promise.all([
      findDeadJobs(db, by.org, COUNTED),
      countWaitingJobs(db, by.org, COUNTED),
    ]);
    const jobs = {
      waiting: Math.min(waiting, COUNTED),
      isAtLeast: waiting > COUNTED,
      dead: dead.reduce((sum, { found }) => sum + found, 0),
    };
    return { items: dead.map(deadJobsItem), jobs };
  };

  const deliveries = async (by: Authority): Part => {
    if (!mayAll(by, 'webhooks:manage')) return [];
    const [webhooks, streams] = await Promise.all([listWebhooks(db, by.org), streamQueries.list(by)]);
    return [...webhooks.map(disabledWebhook), ...streams.map(failingStream)];
  };

  const newestSeal = async (by: Authority): Promise<WorkingNormally['seal']> => {
    if (!mayAll(by, 'audit:read')) return null;
    const [seal] = await listNewestSeals(db, by.org, 1);
    return seal === undefined ? null : { number: seal.n, sealedAt: seal.sealedAt, lastEventAt: seal.lastAt };
  };

  return {
    get: async (by) => {
      const time = now();
      const [health, jobs, seal, ...parts] = await Promise.all([
        connections(by, time),
        operation(by),
        newestSeal(by),
        alerts(by),
        ends(by, time),
        domains(by),
        reviews(by, time),
        people(by, time),
        deliveries(by),
        posture.warnings(by).then(postureItems),
      ]);
      const items = [...health.items, ...jobs.items, ...parts.flat()]
        .filter((item) => item !== undefined)
        .sort(compareItems);
      const working = health.working;
      return {
        items,
        workingNormally: {
          connections:
            working === null ? null : workingConnections(working.provisioned, working.signedIn, items),
          seal,
          jobs: jobs.jobs,
        },
      };
    },
  };
}

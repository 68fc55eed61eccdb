import Bowser from 'bowser';
import { findBusyUsers, findQueriesByHour } from '../activity/store/figures.ts';
import { envelope } from '../audit/envelope.ts';
import { beginFeed, consumeEvents, type FeedEvent } from '../audit/feed.ts';
import { recordEvents } from '../audit/store/append.ts';
import { findOrganizationsBehind } from '../audit/store/feed.ts';
import type { OrgId } from '../directory/ids.ts';
import { listOrganizations } from '../directory/organizations/store/organizations.ts';
import type { Database } from '../platform/db/database.ts';
import type { Executor } from '../platform/db/statement.ts';
import { smallestUuidv7, uuidv7 } from '../platform/ids.ts';
import { networkOf } from '../sign-in/rules/networks.ts';
import type { Finding } from './rules/alert.ts';
import { detectMassChange } from './rules/mass-change.ts';
import { detectNewLocation, type KnownNetwork } from './rules/new-location.ts';
import { detectOffHours } from './rules/off-hours.ts';
import { detectSpraying } from './rules/password-spraying.ts';
import { COMPARED_MS, comparableHours, detectQueryVolume, FEWEST } from './rules/query-volume.ts';
import { detectSensitiveAction, isSensitive } from './rules/sensitive-action.ts';
import { type RuleSettings, readRules } from './settings.ts';
import { findStoredRules, insertAlerts } from './store/alerts.ts';
import {
  countRemovals,
  didBefore,
  findExpiring,
  findFailedSignIns,
  findKnownNetworks,
  findSignInTimes,
  findSilentConnections,
  findUsersOfNetworks,
  learnNetworks,
  type SeenNetwork,
} from './store/observations.ts';

/** Events that one transaction looks at. */
const BATCH = 500;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SHARED_DAYS = 30;
const SPRAYING_MINUTES = 15;

export interface DetectionDependencies {
  readonly db: Database;
  readonly now: () => Date;
}

export interface Detection {
  /** Looks at everything that happened since the last time. Safe to repeat. */
  watchEvents(signal: AbortSignal): Promise<void>;
  /** Looks for what is about to expire, for connections that fell silent, and for users who ask unusually much. */
  watchState(signal: AbortSignal): Promise<void>;
}

/** Builds what finds the unusual: behind the commands, so that a detector that is slow or fails delays no one. */
export function createDetection({ db, now }: DetectionDependencies): Detection {
  const open = async (tx: Executor, org: OrgId, findings: readonly Finding[]): Promise<void> => {
    const time = now();
    const opened = await insertAlerts(tx, org, findings, () => uuidv7(time.getTime()));
    const origin = {
      actor: { type: 'system', id: 'worker', via: 'schedule' },
      requestId: uuidv7(time.getTime()),
    } as const;
    await recordEvents(
      tx,
      org,
      envelope(origin, uuidv7(time.getTime()), time.toISOString()),
      opened.map(({ id, kind, severity, userId, connectionId }) => ({
        action: 'alert.opened',
        target: ['alert', id],
        changes: {
          values: {
            kind: [null, kind],
            severity: [null, severity],
            ...(userId === null ? {} : { user: [null, userId] as const }),
            ...(connectionId === null ? {} : { connection: [null, connectionId] as const }),
          },
        },
      })),
    );
  };

  const look = async (tx: Executor, org: OrgId, events: readonly FeedEvent[]): Promise<void> => {
    const rules = readRules(await findStoredRules(tx, org));
    const findings: Finding[] = [];
    for (const detect of [detectSignIns, detectFailures, detectActions, detectRemovals]) {
      findings.push(...(await detect(tx, org, events, rules)));
    }
    // What happened long ago is learned from, and not told: the first run after an upgrade reads all events.
    await open(
      tx,
      org,
      findings.filter(({ at }) => now().getTime() - Date.parse(at) < DAY_MS),
    );
  };

  return {
    watchEvents: async (signal) => {
      for (const org of await findOrganizationsBehind(db, 'alerts')) {
        await beginFeed(db, org, 'alerts', smallestUuidv7(now().getTime() - HOUR_MS));
        for (let seen = BATCH; seen === BATCH; ) {
          signal.throwIfAborted();
          seen = await consumeEvents(db, org, 'alerts', BATCH, (tx, events) => look(tx, org, events));
        }
      }
    },

    watchState: async (signal) => {
      for (const { id: org } of await listOrganizations(db)) {
        signal.throwIfAborted();
        await db.transaction(org, async (tx) => {
          const rules = readRules(await findStoredRules(tx, org));
          const found = await detectState(tx, org, rules, now());
          await open(tx, org, [...found, ...(await detectVolume(tx, org, rules, now()))]);
        });
      }
    },
  };
}

type Detect = (
  tx: Executor,
  org: OrgId,
  events: readonly FeedEvent[],
  rules: RuleSettings,
) => Promise<readonly Finding[]>;

const before = (at: string, milliseconds: number) => new Date(Date.parse(at) - milliseconds);

/** `Firefox on Linux`: the browser and the system, which stay the same from version to version. */
function deviceOf(userAgent: string | null): string {
  if (userAgent === null || userAgent.trim() === '') return 'an unknown device';
  const { browser, os } = Bowser.parse(userAgent);
  return `${browser.name ?? 'an unknown browser'} on ${os.name ?? 'an unknown system'}`;
}

/** Sign-ins from new places and at unusual hours; what is seen is learned. */
const detectSignIns: Detect = async (tx, org, events, { new_location: location, off_hours: hours }) => {
  const signIns = events.filter(({ action, ip }) => action === 'session.started' && ip !== null);
  if (signIns.length === 0) return [];
  const users = [...new Set(signIns.map(({ target_id }) => target_id))];
  const known = new Map<string, KnownNetwork[]>();
  for (const row of await findKnownNetworks(tx, org, users)) {
    known.set(row.user, [...(known.get(row.user) ?? []), row]);
  }
  const seen: SeenNetwork[] = signIns.map(({ target_id, ip, user_agent, at }) => ({
    user: target_id,
    network: networkOf(ip as string, 24),
    device: deviceOf(user_agent),
    at,
  }));
  const last = signIns.at(-1) as FeedEvent;
  const sharing = await findUsersOfNetworks(
    tx,
    org,
    [...new Set(seen.map(({ network }) => network))],
    before(last.at, SHARED_DAYS * DAY_MS).toISOString(),
  );
  const failed = location.enabled
    ? await findFailedSignIns(tx, org, before((signIns[0] as FeedEvent).at, HOUR_MS))
    : [];
  const findings: (Finding | undefined)[] = [];
  for (const [index, signIn] of seen.entries()) {
    const { user, network, device, at } = signIn;
    const places = known.get(user) ?? [];
    if (location.enabled) {
      findings.push(
        detectNewLocation(signIn, {
          known: places,
          othersFromNetwork: (sharing.get(network) ?? []).filter((other) => other !== user).length,
          failuresBefore: failed.filter(
            (each) => each.user === user && each.at < at && Date.parse(at) - Date.parse(each.at) < HOUR_MS,
          ).length,
          allowed: location.allowedNetworks,
        }),
      );
    }
    if (hours.enabled) {
      const event = signIns[index] as FeedEvent;
      const history = await findSignInTimes(tx, org, event, before(at, SHARED_DAYS * DAY_MS));
      findings.push(detectOffHours({ user, at }, history, hours));
    }
    known.set(user, [...places, { network, device, firstAt: at, lastAt: at, signIns: 1 }]);
  }
  await learnNetworks(tx, org, seen);
  return findings.filter((each) => each !== undefined);
};

/** Accounts that were locked, and passwords that are tried on many accounts. */
const detectFailures: Detect = async (
  tx,
  org,
  events,
  { failed_sign_ins: locked, password_spraying: spraying },
) => {
  const locks: Finding[] = events
    .filter(({ action }) => locked.enabled && action === 'user.locked')
    .map(({ target_id, at }) => ({
      kind: 'failed_sign_ins',
      severity: 'high',
      user: target_id,
      at,
      key: 'locked',
      detail: {
        why: 'Five wrong passwords in a row locked the account.',
        comparedWith: 'a limit of five in a row',
      },
    }));
  const last = events.findLast(({ action }) => action === 'auth.failed');
  if (!spraying.enabled || last === undefined) return locks;
  const failures = await findFailedSignIns(tx, org, before(last.at, SPRAYING_MINUTES * MINUTE_MS));
  return [...locks, ...detectSpraying(failures, spraying, SPRAYING_MINUTES)];
};

/** What administrators do rarely and an attacker would do first. */
const detectActions: Detect = async (tx, org, events, { sensitive_action: rule }) => {
  if (!rule.enabled) return [];
  const findings: Finding[] = [];
  for (const event of events.filter(isSensitive)) {
    const done = await didBefore(tx, org, event, before(event.at, SHARED_DAYS * DAY_MS));
    findings.push(...detectSensitiveAction(event, done));
  }
  return findings;
};

/** Connections that take access from many users at once. */
const detectRemovals: Detect = async (tx, org, events, { mass_change: rule }) => {
  const removals = events.filter(
    ({ actor_type, action }) =>
      actor_type === 'connection' && ['user.deactivated', 'user.deleted', 'user.erased'].includes(action),
  );
  if (!rule.enabled || removals.length === 0) return [];
  const findings: (Finding | undefined)[] = [];
  for (const connection of new Set(removals.map(({ actor_id }) => actor_id))) {
    const last = removals.findLast(({ actor_id }) => actor_id === connection) as FeedEvent;
    const counts = await countRemovals(tx, org, connection, before(last.at, rule.windowMinutes * MINUTE_MS));
    findings.push(detectMassChange({ connection, at: last.at, ...counts }, rule));
  }
  return findings.filter((each) => each !== undefined);
};

/** What is about to stop working, and what has. */
async function detectState(
  tx: Executor,
  org: OrgId,
  { expiring, silent_connection: silent }: RuleSettings,
  now: Date,
): Promise<readonly Finding[]> {
  const at = now.toISOString();
  const ends = expiring.enabled
    ? await findExpiring(tx, org, at, new Date(now.getTime() + expiring.days * DAY_MS).toISOString())
    : [];
  const quiet = silent.enabled
    ? await findSilentConnections(tx, org, new Date(now.getTime() - silent.hours * HOUR_MS).toISOString())
    : [];
  return [
    ...ends.map(({ what, connection, key, expiresAt }): Finding => {
      const days = Math.floor((Date.parse(expiresAt) - now.getTime()) / DAY_MS);
      const severity = days < 3 ? 'high' : 'medium';
      return {
        kind: 'expiring',
        severity,
        connection,
        at,
        key: `${key} ${severity}`,
        lasting: true,
        detail: {
          why: `The ${what} expires on ${expiresAt.slice(0, 10)}.`,
          comparedWith: `a limit of ${expiring.days} days`,
          expiresAt,
        },
      };
    }),
    ...quiet.map(
      ({ connection, lastUsedAt }): Finding => ({
        kind: 'silent_connection',
        severity: 'medium',
        connection,
        at,
        key: lastUsedAt.slice(0, 10),
        lasting: true,
        detail: {
          why: `The connection has sent no request since ${lastUsedAt}.`,
          comparedWith: `a limit of ${silent.hours} hours`,
          lastUsedAt,
        },
      }),
    ),
  ];
}

/** Hours of which late reports are waited for, besides the running one. */
const LATE_HOURS = 2;

/** Users who ask unusually much, in the running hour and those before it. */
async function detectVolume(
  tx: Executor,
  org: OrgId,
  { query_volume: rule }: RuleSettings,
  now: Date,
): Promise<readonly Finding[]> {
  if (!rule.enabled) return [];
  const running = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  const findings: (Finding | undefined)[] = [];
  for (let hour = running - LATE_HOURS * HOUR_MS; hour <= running; hour += HOUR_MS) {
    const at = new Date(hour).toISOString();
    for (const { user, queries } of await findBusyUsers(tx, org, at, FEWEST)) {
      const from = new Date(hour - COMPARED_MS).toISOString();
      const comparable = comparableHours(hour, await findQueriesByHour(tx, org, user, from, at));
      findings.push(detectQueryVolume({ user, at, count: queries }, comparable));
    }
  }
  return findings.filter((each) => each !== undefined);
}

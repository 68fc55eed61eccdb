import Bowser from 'bowser';
import type { EventAction } from '../audit/catalogue.ts';
import type { FeedEvent } from '../audit/feed.ts';
import type { OrgId } from '../directory/ids.ts';
import { readStored } from '../directory/organizations/settings.ts';
import type { Executor } from '../platform/db/statement.ts';
import type { Locate } from '../platform/locations/location.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../platform/time.ts';
import { LOCKED_AT } from '../sign-in/rules/lockout.ts';
import { networkOf } from '../sign-in/rules/networks.ts';
import { isInNetworks } from './networks.ts';
import type { AlertKind, Finding } from './rules/alert.ts';
import { detectMassChange, heldMassChange } from './rules/mass-change.ts';
import { detectNewLocation, type KnownNetwork, type SignInSeen } from './rules/new-location.ts';
import { detectOffHours, hoursOf } from './rules/off-hours.ts';
import { detectSpraying } from './rules/password-spraying.ts';
import {
  detectSensitiveAction,
  isSensitive,
  madeBySensitive,
  SENSITIVE_ACTIONS,
} from './rules/sensitive-action.ts';
import { RULE_SETTINGS, type RuleSettings } from './settings.ts';
import {
  countRemovals,
  didBefore,
  findConnectionName,
  findFailedSignIns,
  findKnownNetworks,
  findNameOf,
  findSignInTimes,
  findUsersOfNetworks,
  learnNetworks,
  type SeenNetwork,
} from './store/observations.ts';
import { findHoursOfUsers } from './store/working-hours.ts';

const SHARED_DAYS = 30;
const SPRAYING_MINUTES = 15;

/** An event, wherever it was read. */
export type SeenEvent = Omit<FeedEvent, 'feedPosition'>;

type Detect = (
  db: Executor,
  org: OrgId,
  events: readonly SeenEvent[],
  rules: RuleSettings,
  locate: Locate,
) => Promise<readonly Finding[]>;

/** A detector of what happens. It writes nothing. */
export interface EventDetector {
  readonly kinds: readonly AlertKind[];
  /** The events that it looks at; others that it is given it passes over. */
  readonly actions: readonly EventAction[];
  /** Whether it judges a batch by its last event, and not each event. */
  readonly judgesBatches: boolean;
  /** Events come in the order in which they happened, as far as that is known. */
  readonly detect: Detect;
}

const before = (at: string, milliseconds: number) => new Date(Date.parse(at) - milliseconds);

/** When the last of some events happened; ISO 8601. The feed has them in the order in which they were recorded. */
const latestOf = (events: readonly SeenEvent[]): string =>
  events.reduce((latest, { at }) => (at > latest ? at : latest), '');

/** `Firefox on Linux`: the browser and the system, which stay the same from version to version. */
function deviceOf(userAgent: string | null): string {
  if (userAgent === null || userAgent.trim() === '') return 'an unknown device';
  const { browser, os } = Bowser.parse(userAgent);
  return `${browser.name ?? 'an unknown browser'} on ${os.name ?? 'an unknown system'}`;
}

interface SpecialHours {
  own: RuleSettings['off_hours'] | undefined;
  readonly groups: RuleSettings['off_hours'][];
}

/** Working hours that differ from the organization's, of those users who have some. */
async function loadHours(
  tx: Executor,
  org: OrgId,
  users: readonly string[],
): Promise<ReadonlyMap<string, SpecialHours>> {
  const found = new Map<string, SpecialHours>();
  for (const { user, own, settings } of await findHoursOfUsers(tx, org, users)) {
    const hours = readStored(RULE_SETTINGS.off_hours, settings);
    const special = found.get(user) ?? { own: undefined, groups: [] };
    if (own) special.own = hours;
    else special.groups.push(hours);
    found.set(user, special);
  }
  return found;
}

const signInsOf = (events: readonly SeenEvent[]) =>
  events.filter(({ action, ip }) => action === 'session.started' && ip !== null);

const seenIn = ({ targetId, ip, userAgent, at }: SeenEvent): SeenNetwork => ({
  user: targetId,
  network: networkOf(ip as string, 24, 48),
  device: deviceOf(userAgent),
  at,
});

/** Remembers from where users signed in. */
export async function learnSignIns(tx: Executor, org: OrgId, events: readonly FeedEvent[]): Promise<void> {
  await learnNetworks(tx, org, signInsOf(events).map(seenIn));
}

/** Sign-ins from new places and at unusual hours. */
const detectSignIns: Detect = async (
  tx,
  org,
  events,
  { new_location: location, off_hours: hours },
  locate,
) => {
  const signIns = signInsOf(events);
  if (signIns.length === 0) return [];
  const users = [...new Set(signIns.map(({ targetId }) => targetId))];
  const known = new Map<string, KnownNetwork[]>();
  for (const row of await findKnownNetworks(tx, org, users)) {
    known.set(row.user, [...(known.get(row.user) ?? []), row]);
  }
  const seen: (SeenNetwork & SignInSeen)[] = signIns.map((event) => ({
    ...seenIn(event),
    location: locate(event.ip),
  }));
  const last = signIns.at(-1) as SeenEvent;
  const sharing = await findUsersOfNetworks(
    tx,
    org,
    [...new Set(seen.map(({ network }) => network))],
    before(last.at, SHARED_DAYS * DAY_MS).toISOString(),
  );
  const failed = location.enabled
    ? await findFailedSignIns(tx, org, before((signIns[0] as SeenEvent).at, HOUR_MS), latestOf(signIns))
    : [];
  const special = await loadHours(tx, org, users);
  const findings: (Finding | undefined)[] = [];
  for (const [index, signIn] of seen.entries()) {
    const { user, network, device, at } = signIn;
    const places = known.get(user) ?? [];
    if (location.enabled) {
      findings.push(
        detectNewLocation(signIn, {
          // What was first seen later is not known yet: rules are tried on what happened long ago, too.
          known: places.filter(({ firstAt }) => firstAt < at),
          othersFromNetwork: (sharing.get(network) ?? []).filter((other) => other !== user).length,
          failuresBefore: failed.filter(
            (each) => each.user === user && each.at < at && Date.parse(at) - Date.parse(each.at) < HOUR_MS,
          ).length,
          isAllowed: isInNetworks((signIns[index] as SeenEvent).ip ?? '', location.allowedNetworks),
          locate: (each) => locate(each.split('/', 1)[0]),
        }),
      );
    }
    const allowed = hoursOf(special.get(user)?.own, special.get(user)?.groups ?? [], hours);
    if (allowed.length > 0) {
      const event = signIns[index] as SeenEvent;
      const history = await findSignInTimes(tx, org, event, before(at, SHARED_DAYS * DAY_MS));
      findings.push(detectOffHours({ user, at }, history, allowed));
    }
    known.set(user, [...places, { network, device, firstAt: at, lastAt: at, signIns: 1 }]);
  }
  return findings.filter((each) => each !== undefined);
};

/** Accounts that were locked, and passwords that are tried on many accounts. */
const detectFailures: Detect = async (
  tx,
  org,
  events,
  { failed_sign_ins: locked, password_spraying: spraying },
  locate,
) => {
  const locks: Finding[] = events
    .filter(({ action }) => locked.enabled && action === 'user.locked')
    .map(({ targetId, at }) => ({
      kind: 'failed_sign_ins',
      severity: 'high',
      user: targetId,
      at,
      key: 'locked',
      detail: {
        why: `${LOCKED_AT} wrong passwords in a row locked the account.`,
        comparedWith: `a limit of ${LOCKED_AT} in a row`,
      },
    }));
  const last = events.findLast(({ action }) => action === 'auth.failed');
  if (!spraying.enabled || last === undefined) return locks;
  const failures = await findFailedSignIns(
    tx,
    org,
    before(last.at, SPRAYING_MINUTES * MINUTE_MS),
    latestOf(events),
  );
  return [...locks, ...detectSpraying(failures, spraying, SPRAYING_MINUTES, locate)];
};

/** What administrators do rarely and an attacker would do first. */
const detectActions: Detect = async (tx, org, events, { sensitive_action: rule }) => {
  if (!rule.enabled) return [];
  const findings: Finding[] = [];
  for (const event of events.filter(isSensitive)) {
    const done = await didBefore(tx, org, event, before(event.at, SHARED_DAYS * DAY_MS));
    const made = done ? undefined : madeBySensitive(event);
    const name = made === undefined ? undefined : await findNameOf(tx, org, made);
    findings.push(...detectSensitiveAction(event, done, name));
  }
  return findings;
};

const REMOVALS: readonly EventAction[] = ['user.deactivated', 'user.deleted', 'user.erased'];

/** Connections that take access from many users at once. */
const detectRemovals: Detect = async (tx, org, events, { mass_change: rule }) => {
  const removals = events.filter(
    ({ actorType, action }) => actorType === 'connection' && REMOVALS.includes(action),
  );
  if (!rule.enabled) return [];
  const findings: (Finding | undefined)[] = [];
  for (const { targetId, at } of events.filter(({ action }) => action === 'connection.mass_change_held')) {
    findings.push(heldMassChange(targetId, await findConnectionName(tx, org, targetId), at));
  }
  for (const connection of new Set(removals.map(({ actorId }) => actorId))) {
    const last = removals.findLast(({ actorId }) => actorId === connection) as SeenEvent;
    const since = before(last.at, rule.windowMinutes * MINUTE_MS);
    const counts = await countRemovals(tx, org, connection, since, latestOf(removals));
    findings.push(detectMassChange({ connection, at: last.at, ...counts }, rule));
  }
  return findings.filter((each) => each !== undefined);
};

/** All detectors of what happens. */
export const EVENT_DETECTORS: readonly EventDetector[] = [
  {
    kinds: ['new_location', 'off_hours'],
    actions: ['session.started'],
    judgesBatches: false,
    detect: detectSignIns,
  },
  {
    kinds: ['failed_sign_ins', 'password_spraying'],
    actions: ['user.locked', 'auth.failed'],
    judgesBatches: true,
    detect: detectFailures,
  },
  {
    kinds: ['sensitive_action'],
    actions: SENSITIVE_ACTIONS,
    judgesBatches: false,
    detect: detectActions,
  },
  {
    kinds: ['mass_change'],
    actions: [...REMOVALS, 'connection.mass_change_held'],
    judgesBatches: true,
    detect: detectRemovals,
  },
];

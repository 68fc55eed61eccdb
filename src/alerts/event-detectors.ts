import Bowser from 'bowser';
import type { FeedEvent } from '../audit/feed.ts';
import type { OrgId } from '../directory/ids.ts';
import { readStored } from '../directory/organizations/settings.ts';
import type { Executor } from '../platform/db/statement.ts';
import type { Locate } from '../platform/locations/location.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../platform/time.ts';
import { LOCKED_AT } from '../sign-in/rules/lockout.ts';
import { networkOf } from '../sign-in/rules/networks.ts';
import { isInNetworks } from './networks.ts';
import type { Finding } from './rules/alert.ts';
import { detectMassChange, heldMassChange } from './rules/mass-change.ts';
import { detectNewLocation, type KnownNetwork, type SignInSeen } from './rules/new-location.ts';
import { detectOffHours, hoursOf } from './rules/off-hours.ts';
import { detectSpraying } from './rules/password-spraying.ts';
import { detectSensitiveAction, isSensitive, madeBySensitive } from './rules/sensitive-action.ts';
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

type Detect = (
  tx: Executor,
  org: OrgId,
  events: readonly FeedEvent[],
  rules: RuleSettings,
  locate: Locate,
) => Promise<readonly Finding[]>;

const before = (at: string, milliseconds: number) => new Date(Date.parse(at) - milliseconds);

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

/** Sign-ins from new places and at unusual hours; what is seen is learned. */
const detectSignIns: Detect = async (
  tx,
  org,
  events,
  { new_location: location, off_hours: hours },
  locate,
) => {
  const signIns = events.filter(({ action, ip }) => action === 'session.started' && ip !== null);
  if (signIns.length === 0) return [];
  const users = [...new Set(signIns.map(({ targetId }) => targetId))];
  const known = new Map<string, KnownNetwork[]>();
  for (const row of await findKnownNetworks(tx, org, users)) {
    known.set(row.user, [...(known.get(row.user) ?? []), row]);
  }
  const seen: (SeenNetwork & SignInSeen)[] = signIns.map(({ targetId, ip, userAgent, at }) => ({
    user: targetId,
    network: networkOf(ip as string, 24, 48),
    device: deviceOf(userAgent),
    location: locate(ip),
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
  const special = await loadHours(tx, org, users);
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
          isAllowed: isInNetworks((signIns[index] as FeedEvent).ip ?? '', location.allowedNetworks),
          locate: (each) => locate(each.split('/', 1)[0]),
        }),
      );
    }
    const allowed = hoursOf(special.get(user)?.own, special.get(user)?.groups ?? [], hours);
    if (allowed.length > 0) {
      const event = signIns[index] as FeedEvent;
      const history = await findSignInTimes(tx, org, event, before(at, SHARED_DAYS * DAY_MS));
      findings.push(detectOffHours({ user, at }, history, allowed));
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
  const failures = await findFailedSignIns(tx, org, before(last.at, SPRAYING_MINUTES * MINUTE_MS));
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

/** Connections that take access from many users at once. */
const detectRemovals: Detect = async (tx, org, events, { mass_change: rule }) => {
  const removals = events.filter(
    ({ actorType, action }) =>
      actorType === 'connection' && ['user.deactivated', 'user.deleted', 'user.erased'].includes(action),
  );
  if (!rule.enabled) return [];
  const findings: (Finding | undefined)[] = [];
  for (const { targetId, at } of events.filter(({ action }) => action === 'connection.mass_change_held')) {
    findings.push(heldMassChange(targetId, await findConnectionName(tx, org, targetId), at));
  }
  for (const connection of new Set(removals.map(({ actorId }) => actorId))) {
    const last = removals.findLast(({ actorId }) => actorId === connection) as FeedEvent;
    const counts = await countRemovals(tx, org, connection, before(last.at, rule.windowMinutes * MINUTE_MS));
    findings.push(detectMassChange({ connection, at: last.at, ...counts }, rule));
  }
  return findings.filter((each) => each !== undefined);
};

/** All detectors of what happens. */
export const EVENT_DETECTORS: readonly Detect[] = [
  detectSignIns,
  detectFailures,
  detectActions,
  detectRemovals,
];

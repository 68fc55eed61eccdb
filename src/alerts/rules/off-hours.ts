import type { Finding } from './alert.ts';

/** When people are expected to work. */
export interface WorkingHours {
  /** An IANA time zone. */
  readonly timeZone: string;
  /** 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[];
  /** `HH:MM`, local. */
  readonly from: string;
  readonly to: string;
  /** `YYYY-MM-DD`, local. */
  readonly holidays: readonly string[];
}

/** Working hours, and whether a sign-in outside of them opens an alert. */
export interface WatchedHours extends WorkingHours {
  readonly enabled: boolean;
}

/**
 * The hours that hold for a user: their own, else those of their groups, else the organization's.
 * @returns none if nothing is watched; of several, a user may work within any
 */
export function hoursOf(
  own: WatchedHours | undefined,
  ofGroups: readonly WatchedHours[],
  ofOrganization: WatchedHours,
): readonly WorkingHours[] {
  const given = own !== undefined ? [own] : ofGroups.length > 0 ? ofGroups : [ofOrganization];
  return given.every(({ enabled }) => enabled) ? given : [];
}

/** A user whose own history is mostly off hours works at those hours. */
const MOSTLY = 0.5;
const ENOUGH_HISTORY = 10;

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** The local day, weekday and time of an instant. */
function localTime(at: string, timeZone: string) {
  const parts = new Map(
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    })
      .formatToParts(new Date(at))
      .map(({ type, value }) => [type, value]),
  );
  return {
    day: `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`,
    weekday: WEEKDAYS.indexOf(parts.get('weekday') ?? '') + 1,
    time: `${parts.get('hour')}:${parts.get('minute')}`,
  };
}

/** Whether an instant lies outside the working hours. Hours that end before they begin go over midnight. */
export function isOffHours(at: string, { timeZone, days, from, to, holidays }: WorkingHours): boolean {
  const { day, weekday, time } = localTime(at, timeZone);
  if (!days.includes(weekday) || holidays.includes(day)) return true;
  return from <= to ? time < from || time >= to : time < from && time >= to;
}

/**
 * Whether a sign-in is unusual for its hour (R114).
 * @param history times of the user's sign-ins in the last 30 days, before this one
 * @param allowed the hours that hold for the user, as `hoursOf` gives them
 */
export function detectOffHours(
  { user, at }: { readonly user: string; readonly at: string },
  history: readonly string[],
  allowed: readonly WorkingHours[],
): Finding | undefined {
  const isOff = (time: string) => allowed.every((hours) => isOffHours(time, hours));
  const [hours] = allowed;
  if (hours === undefined || !isOff(at)) return undefined;
  const off = history.filter(isOff).length;
  if (history.length >= ENOUGH_HISTORY && off > history.length * MOSTLY) return undefined;
  const { weekday, time } = localTime(at, hours.timeZone);
  return {
    kind: 'off_hours',
    severity: 'low',
    user,
    at,
    key: 'sign_in',
    detail: {
      why: `A sign-in at ${time} on ${WEEKDAYS[weekday - 1]} (${hours.timeZone}) is outside working hours.`,
      comparedWith: `${hours.from} to ${hours.to}; ${off} of ${history.length} sign-ins in the last 30 days were off hours`,
      time,
      timeZone: hours.timeZone,
    },
  };
}

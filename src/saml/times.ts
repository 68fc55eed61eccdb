import { SsoError } from '../sso/sso-error.ts';
import type { XmlElement } from './xml.ts';
import { attribute } from './xml-readers.ts';

/** How far the clocks of a provider and of this server may be apart, in milliseconds. */
export const SKEW = 60_000;

/** xs:dateTime with a time zone (Core §1.3.3). */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/**
 * A time that an attribute holds.
 * @throws SsoError structure_unexpected if it is no time
 */
export function timeOf(element: XmlElement, name: string): Date | undefined {
  const text = attribute(element, name);
  if (text === undefined) return undefined;
  const time = new Date(TIME.test(text) ? text : Number.NaN);
  if (Number.isNaN(time.getTime())) throw new SsoError('structure_unexpected', `${name} is no time`);
  return time;
}

/**
 * A time that must be there.
 * @throws SsoError structure_unexpected if it is not, or is no time
 */
export function requiredTime(element: XmlElement, name: string): Date {
  const time = timeOf(element, name);
  if (time === undefined) throw new SsoError('structure_unexpected', `no ${name} in ${element.local}`);
  return time;
}

/**
 * Checks a time of validity, with the skew allowed at both ends.
 * @param from inclusive
 * @param until exclusive
 * @throws SsoError not_yet_valid, too_late
 */
export function checkPeriod(now: Date, from: Date | undefined, until: Date | undefined, what: string): void {
  if (from !== undefined && now.getTime() < from.getTime() - SKEW) throw new SsoError('not_yet_valid', what);
  if (until !== undefined && now.getTime() >= until.getTime() + SKEW) throw new SsoError('too_late', what);
}

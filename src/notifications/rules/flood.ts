import { HOUR_MS, MINUTE_MS } from '../../platform/time.ts';

/** Mails of one topic that a user gets within an hour; what comes after them is held and sent together. */
const MOST_AT_ONCE = 5;
/** Mails before which this long are counted. */
export const FLOOD_MS = HOUR_MS;
/** For how long mails are held. */
const HELD_MS = 15 * MINUTE_MS;

/** Whether a mail is sent now, and not held. @param mails of the topic to the user, within the last hour */
export function mayMailAtOnce(mails: number): boolean {
  return mails < MOST_AT_ONCE;
}

/** Whether what was held is sent now, as one mail. @param lastMailAt of the topic to the user; ISO 8601 */
export function mayMailHeld(lastMailAt: string | null, now: Date): boolean {
  return lastMailAt === null || now.getTime() - Date.parse(lastMailAt) >= HELD_MS;
}

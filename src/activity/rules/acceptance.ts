import type { UserId } from '../../directory/ids.ts';
import { DAY_MS } from '../../platform/time.ts';
import type { ActivityEvent, ReportedEvent } from '../activity-event.ts';

/** Why an event of a batch cannot be stored: its place in the batch, the field, a code and a sentence. */
export interface EventRejection {
  readonly index: number;
  readonly field: 'at' | 'userId' | 'email';
  readonly code: 'in_the_future' | 'too_old' | 'unknown_user';
  readonly message: string;
}

/** Clocks of applications may be ahead by so much. */
const SKEW_MS = 300_000;

/**
 * Decides which events of a batch may be stored: none of the future beyond what clocks differ by, none that would be
 * deleted at once, and only of users of the organization. An unknown user is rejected rather than counted, since what is
 * kept of people who are not in the directory, no erasure would reach.
 * @param found the user that each event names, in the order of the batch; undefined for none of the organization
 * @param retentionDays for how many days events are kept
 */
export function checkEvents(
  events: readonly ReportedEvent[],
  found: readonly (UserId | undefined)[],
  now: Date,
  retentionDays: number,
): { readonly good: readonly ActivityEvent[]; readonly rejections: readonly EventRejection[] } {
  const latest = new Date(now.getTime() + SKEW_MS).toISOString();
  const earliest = new Date(now.getTime() - retentionDays * DAY_MS).toISOString();
  const good: ActivityEvent[] = [];
  const rejections: EventRejection[] = [];
  for (const [index, { userId: _, email, ...event }] of events.entries()) {
    const reject = (field: EventRejection['field'], code: EventRejection['code'], message: string) =>
      rejections.push({ index, field, code, message });
    const user = found[index];
    if (event.at > latest) {
      reject('at', 'in_the_future', 'is more than five minutes ahead: set the clock of the application.');
    } else if (event.at < earliest) {
      reject('at', 'too_old', `is more than ${retentionDays} days ago: leave the event out.`);
    } else if (user === undefined) {
      const field = email === undefined ? 'userId' : 'email';
      reject(field, 'unknown_user', 'is no user of this organization: leave the event out.');
    } else good.push({ ...event, userId: user });
  }
  return { good, rejections };
}

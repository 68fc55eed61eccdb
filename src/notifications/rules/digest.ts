import { DAY_MS } from '../../platform/time.ts';
import { TOPICS, type Topic } from '../topics.ts';

/** A day's digest: what was recorded before it begins is in it. */
export interface DigestPeriod {
  /** Of the organization's time zone, such as `2026-11-29`. */
  readonly day: string;
  readonly begins: Date;
}

/** The digest that is the last due. @param hour of the day in the time zone @param timeZone an IANA name */
export function digestPeriod(now: Date, hour: number, timeZone: string): DigestPeriod {
  const local = localTime(now, timeZone);
  const midnight = Math.floor(local / DAY_MS) * DAY_MS;
  const due = midnight + hour * HOUR;
  const start = local >= due ? due : due - DAY_MS;
  return { day: new Date(start).toISOString().slice(0, 10), begins: instantOf(start, timeZone) };
}

const HOUR = 3_600_000;

/** What a clock on the wall shows, as if it was UTC. */
function localTime(at: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(at);
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(
    value('year'),
    value('month') - 1,
    value('day'),
    value('hour'),
    value('minute'),
    value('second'),
  );
}

/** When the clock on the wall shows a time; twice, since the offset may change in between. */
function instantOf(local: number, timeZone: string): Date {
  const guess = local - (localTime(new Date(local), timeZone) - local);
  return new Date(guess - (localTime(new Date(guess), timeZone) - local));
}

/** Lines of one topic in a mail. */
export interface DigestSection {
  readonly topic: Topic;
  readonly lines: readonly string[];
  /** Lines that are left out. */
  readonly more: number;
}

/** Lines of one topic in one mail; more are counted. */
export const MOST_LINES = 50;

/** Groups lines by topic, in the order in which topics are declared; each line once. */
export function groupByTopic(
  lines: readonly { readonly topic: Topic; readonly line: string }[],
): readonly DigestSection[] {
  return TOPICS.flatMap((topic) => {
    const own = [...new Set(lines.filter((each) => each.topic === topic).map(({ line }) => line))];
    return own.length === 0
      ? []
      : [{ topic, lines: own.slice(0, MOST_LINES), more: Math.max(0, own.length - MOST_LINES) }];
  });
}

import { DAY_MS } from '../../platform/time.ts';

/** The places at which a span is cut: hours up to `days`, whole days up to `after`, hours again up to its end. */
export interface DayCuts {
  /** ISO 8601; where the span begins. */
  readonly before: string;
  /** ISO 8601; a midnight in UTC, or the end of the span where it has no whole day. */
  readonly days: string;
  readonly after: string;
}

/**
 * Cuts a span at the midnights in UTC of its first and last whole day.
 * @param from ISO 8601
 * @param to ISO 8601; before
 * @param since ISO 8601; a midnight in UTC before which days are not used
 */
export function splitByDay(from: string, to: string, since: string): DayCuts {
  const [start, end, known] = [Date.parse(from), Date.parse(to), Date.parse(since)];
  const first = Math.max(Math.ceil(start / DAY_MS) * DAY_MS, known);
  const last = Math.floor(end / DAY_MS) * DAY_MS;
  const iso = (time: number) => new Date(time).toISOString();
  if (first >= last) return { before: from, days: to, after: to };
  return { before: from, days: iso(first), after: iso(last) };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const exactFormat = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});
const dateTimeFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});
const secondFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const dateFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const clockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** @returns `Tue, 24 Nov 2026, 09:12:07 CET`: with the reader's time zone */
export const exactTime = (time: string): string => exactFormat.format(new Date(time));
/** @returns `24 Nov 2026, 09:12` */
export const dateTime = (time: string): string => dateTimeFormat.format(new Date(time));
/** @returns `24 Nov 2026, 09:12:07` */
const toSecond = (time: string): string => secondFormat.format(new Date(time));
/** @returns `24 Nov 2026` */
export const dateOf = (time: string): string => dateFormat.format(new Date(time));
/** @returns `17:30` today, `30 Nov 2026, 02:37` on another day */
export const clockOrDate = (time: string): string =>
  new Date(time).toDateString() === new Date().toDateString() ? clockTime(time) : dateTime(time);
/** @returns `17:30` */
export const clockTime = (time: string): string => clockFormat.format(new Date(time));

const ISO = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z\b/g;
const WRITTEN = /\b(\d{1,2} [A-Z][a-z]+ \d{4}) at (\d\d:\d\d) UTC\b/g;

/** A sentence of the server, which writes times in UTC, with the times of the reader's clock. */
export function inLocalTime(sentence: string): string {
  return sentence.replaceAll(ISO, dateTime).replaceAll(WRITTEN, (written, day: string, clock: string) => {
    const time = new Date(`${day} ${clock} UTC`);
    return Number.isNaN(time.getTime()) ? written : dateTime(time.toISOString());
  });
}

/** How long something lasts or lasted: `3 d`, `2 h 58 min`, `40 s`. @param milliseconds */
export function duration(milliseconds: number): string {
  const span = Math.max(0, milliseconds);
  if (span < MINUTE) return `${Math.round(span / 1_000)} s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < DAY) {
    const minutes = Math.floor((span % HOUR) / MINUTE);
    return minutes === 0 ? `${Math.floor(span / HOUR)} h` : `${Math.floor(span / HOUR)} h ${minutes} min`;
  }
  return `${Math.floor(span / DAY)} d`;
}

/** @returns `just now`, `12 min ago`, `3 d ago`, `in 5 d`; a date from four months on */
function relativeTime(time: string, now = Date.now()): string {
  const span = now - new Date(time).getTime();
  const size = Math.abs(span);
  if (size < MINUTE) return span >= 0 ? 'just now' : 'in a moment';
  if (size > 120 * DAY) return dateOf(time);
  const unit = size < HOUR ? MINUTE : size < DAY ? HOUR : DAY;
  if (span >= 0) return `${duration(Math.floor(size / unit) * unit)} ago`;
  // What was given for 4 hours a moment ago ends in 4 hours.
  return `in ${duration(Math.round(size / unit) * unit)}`;
}

/** A time as lists show it, exact on hover. */
export function Time({
  at,
  form = 'relative',
  never = 'Never',
}: {
  readonly at: string | null | undefined;
  readonly form?: 'relative' | 'dateTime' | 'second' | 'date' | 'clock';
  readonly never?: string;
}) {
  if (at === null || at === undefined) return <span className="muted">{never}</span>;
  const written = { relative: relativeTime, dateTime, second: toSecond, date: dateOf, clock: clockTime }[
    form
  ](at);
  return (
    <time dateTime={at} title={exactTime(at)}>
      {written}
    </time>
  );
}

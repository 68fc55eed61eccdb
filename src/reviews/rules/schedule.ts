/** When reviews open, and who is told when. All in UTC. */

const DAY_MS = 86_400_000;
/** A period's review opens in its first days: a server that was away catches up, and a schedule that is turned on later waits. */
const OPENS_WITHIN_DAYS = 14;

type Frequency = 'monthly' | 'quarterly' | 'half_yearly' | 'yearly';
const MONTHS: Readonly<Record<Frequency, number>> = { monthly: 1, quarterly: 3, half_yearly: 6, yearly: 12 };

/** The period in which a time is. */
export interface Period {
  /** Its first day, such as 2026-10-01. */
  readonly begins: string;
  /** What people call it, such as "Q4 2026". */
  readonly name: string;
}

/** The period of a frequency in which a time is. */
export function periodOf(now: Date, frequency: Frequency): Period {
  const months = MONTHS[frequency];
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  const index = Math.floor(month / months);
  const begins = new Date(Date.UTC(year, index * months, 1));
  const name = {
    monthly: `${new Intl.DateTimeFormat('en-GB', { month: 'long', timeZone: 'UTC' }).format(begins)} ${year}`,
    quarterly: `Q${index + 1} ${year}`,
    half_yearly: `H${index + 1} ${year}`,
    yearly: String(year),
  }[frequency];
  return { begins: begins.toISOString().slice(0, 10), name };
}

/**
 * Whether the review of a period is to open now.
 * @param newest the first day of the newest period that had a scheduled review; a clock that goes back opens none again
 */
export function isDueToOpen(now: Date, period: Period, newest: string | undefined): boolean {
  const since = now.getTime() - Date.parse(period.begins);
  return since < OPENS_WITHIN_DAYS * DAY_MS && (newest === undefined || newest < period.begins);
}

/** When a schedule opens its next review. @param newest as of `isDueToOpen` */
export function nextOpening(now: Date, frequency: Frequency, newest: string | undefined): string {
  const period = periodOf(now, frequency);
  if (isDueToOpen(now, period, newest)) return now.toISOString();
  const begins = new Date(period.begins);
  return new Date(
    Date.UTC(begins.getUTCFullYear(), begins.getUTCMonth() + MONTHS[frequency], 1),
  ).toISOString();
}

/** What reviewers are mailed, in the order in which it happens. */
export const NOTICES = ['opened', 'due_in_7', 'due_in_1', 'overdue'] as const;
export type Notice = (typeof NOTICES)[number];

/** How long before it is due a notice is sent. */
const BEFORE: Readonly<Record<Exclude<Notice, 'opened'>, number>> = {
  due_in_7: 7 * DAY_MS,
  due_in_1: DAY_MS,
  overdue: 0,
};

/**
 * The notice that is to be sent now, if any, and those that are settled with it: of several that a stopped server missed,
 * only the last is sent. A review that was due within seven days from its start has no notice of seven days.
 * @param sent the notices that were settled before
 */
export function dueNotice(
  review: { readonly openedAt: string; readonly dueAt: string },
  sent: readonly string[],
  now: Date,
): { readonly send: Notice; readonly settle: readonly Notice[] } | undefined {
  if (!sent.includes('opened')) return { send: 'opened', settle: ['opened'] };
  const due = Date.parse(review.dueAt);
  const passed = (['due_in_7', 'due_in_1', 'overdue'] as const).filter(
    (notice) =>
      !sent.includes(notice) &&
      now.getTime() >= due - BEFORE[notice] &&
      due - BEFORE[notice] > Date.parse(review.openedAt),
  );
  const send = passed.at(-1);
  return send === undefined ? undefined : { send, settle: passed };
}

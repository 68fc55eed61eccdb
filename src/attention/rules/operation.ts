import { sentenceAbout } from '../../alerts/rules/sentence.ts';
import type { AlertRow } from '../../alerts/store/alerts.ts';
import type { Stream } from '../../audit-streams/queries.ts';
import { writtenDay } from '../../platform/time.ts';
import type { Figure } from '../../posture/rules/figures.ts';
import type { SeenReview } from '../../reviews/queries.ts';
import { DISABLED_BY_ADMINISTRATOR } from '../../webhooks/rules/retries.ts';
import type { Webhook } from '../../webhooks/store/webhooks.ts';
import type { DeadJobs } from '../store/operation.ts';
import { type AttentionItem, capped, compareItems, countInWords, PLAIN } from './item.ts';

/** Open alerts that are shown by themselves. */
const ALERTS_SHOWN = 5;

/** Kinds of alerts that other items tell of, as things are now. */
const TOLD_OTHERWISE: ReadonlySet<string> = new Set(['expiring', 'silent_connection']);

/** The most urgent open alerts, and one item for the others. */
export function alertItems(alerts: readonly AlertRow[], most: number): AttentionItem[] {
  const items = alerts.filter(({ kind }) => !TOLD_OTHERWISE.has(kind)).map(alertItem);
  items.sort(compareItems);
  const [shown, others] = [items.slice(0, ALERTS_SHOWN), items.slice(ALERTS_SHOWN)];
  const [first] = others;
  if (first === undefined) return shown;
  const isAtLeast = alerts.length > most;
  const number = isAtLeast ? `More than ${others.length - 1}` : String(others.length);
  return [
    ...shown,
    {
      ...PLAIN,
      kind: 'more_alerts',
      severity: first.severity,
      title: `${number} other ${others.length === 1 ? 'alert is' : 'alerts are'} open`,
      detail: `The most urgent of them: ${first.title}`,
      at: first.at,
      count: isAtLeast ? others.length - 1 : others.length,
      isAtLeast,
      act: 'review_alerts',
    },
  ];
}

function alertItem({ id, severity, user, connection, detail, lastAt, occurrences }: AlertRow): AttentionItem {
  const whom = user?.name ?? user?.email;
  return {
    ...PLAIN,
    kind: 'alert',
    severity,
    title: sentenceAbout(whom ?? undefined, detail.why),
    detail: `Compared with ${detail.comparedWith}.`,
    at: lastAt,
    count: occurrences,
    target: { type: 'alert', id, name: whom ?? connection ?? detail.why },
    act: 'review_alert',
  };
}

/** A review in which the caller has decisions left. */
export function reviewItem({ id, title, dueAt, mine }: SeenReview, now: Date): AttentionItem | undefined {
  if (mine.undecided === 0) return undefined;
  const isLate = Date.parse(dueAt) <= now.getTime();
  return {
    ...PLAIN,
    kind: 'review',
    severity: isLate ? 'high' : 'medium',
    title: `${title}: ${mine.undecided.toLocaleString('en')} of your ${mine.items.toLocaleString('en')} decisions left`,
    detail: isLate ? `They were due on ${writtenDay(dueAt)}.` : `Due on ${writtenDay(dueAt)}.`,
    dueAt,
    count: mine.undecided,
    target: { type: 'review', id, name: title },
    act: 'continue_review',
  };
}

export function deadJobsItem({ kind, found, at, error }: DeadJobs): AttentionItem {
  return {
    ...PLAIN,
    ...capped(found),
    kind: 'dead_jobs',
    severity: 'medium',
    title: `${countInWords(found, 'job', 'jobs')} of the kind ${kind} failed for good`,
    detail: `${error === null ? '' : `The last error: ${error.slice(0, 200)} `}Mend the cause, then retry.`,
    at,
    target: { type: 'job_kind', id: kind, name: kind },
    act: 'retry_jobs',
  };
}

/** A webhook whose receiver had it disabled. One that an administrator disabled needs nothing. */
export function disabledWebhook(row: Webhook): AttentionItem | undefined {
  const { id, url, disabledAt: at, disabledReason: reason } = row;
  if (at === null || reason === DISABLED_BY_ADMINISTRATOR) return undefined;
  const { host } = new URL(url);
  return {
    ...PLAIN,
    kind: 'disabled_webhook',
    severity: 'medium',
    title: `The webhook to ${host} was disabled`,
    detail: `${reason ?? 'Its deliveries failed.'} Events since then are not sent: mend the receiver, then enable it.`,
    at,
    target: { type: 'webhook', id, name: host },
    act: 'enable_webhook',
  };
}

export function failingStream(stream: Stream): AttentionItem | undefined {
  if (stream.state !== 'failing') return undefined;
  return {
    ...PLAIN,
    kind: 'failing_audit_stream',
    severity: 'high',
    title: `The audit stream ${stream.name} fails`,
    detail: stream.sentence,
    at: stream.failedAt,
    count: stream.waiting,
    isAtLeast: stream.moreWaiting,
    target: { type: 'audit_stream', id: stream.id, name: stream.name },
    act: 'check_audit_stream',
  };
}

/** The warnings of the posture as one item; none without a warning. */
export function postureItems(figures: readonly Figure[]): AttentionItem[] {
  const [first, ...others] = figures.flatMap(({ warning }) => warning ?? []);
  if (first === undefined) return [];
  return [
    {
      ...PLAIN,
      kind: 'posture',
      severity: 'low',
      title: first,
      detail: others.length === 0 ? 'The posture shows the limits and how it was before.' : others.join(' '),
      count: figures.length,
      act: 'review_posture',
    },
  ];
}

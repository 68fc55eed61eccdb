import type { Severity } from '../../alerts/rules/alert.ts';
import { countOf } from '../../platform/counts.ts';

/** What may need attention. */
export const ATTENTION_KINDS = [
  'alert',
  'more_alerts',
  'failing_connection',
  'silent_connection',
  'review',
  'expiring_certificate',
  'expiring_scim_token',
  'expiring_api_key',
  'unproved_domain',
  'expired_invitations',
  'never_signed_in',
  'inactive_users',
  'dead_jobs',
  'disabled_webhook',
  'failing_audit_stream',
  'posture',
] as const;
export type AttentionKind = (typeof ATTENTION_KINDS)[number];

/** What solves an item: keys that stay, for a console to put its buttons behind. */
export const ATTENTION_ACTS = [
  'review_alert',
  'review_alerts',
  'open_request_log',
  'check_connection',
  'continue_review',
  'refresh_metadata',
  'rotate_token',
  'rotate_api_key',
  'check_domain',
  'resend_invitations',
  'review_never_signed_in',
  'review_inactive',
  'retry_jobs',
  'enable_webhook',
  'check_audit_stream',
  'review_posture',
] as const;
export type AttentionAct = (typeof ATTENTION_ACTS)[number];

export const TARGET_TYPES = [
  'alert',
  'connection',
  'review',
  'scim_token',
  'api_key',
  'domain',
  'job_kind',
  'webhook',
  'audit_stream',
] as const;

/** What an item is about. A connection's certificate has the connection as its target. */
export interface AttentionTarget {
  readonly type: (typeof TARGET_TYPES)[number];
  readonly id: string;
  readonly name: string;
}

export interface AttentionItem {
  readonly kind: AttentionKind;
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  /** When it happened or began, ISO 8601; null for what has no such time. */
  readonly at: string | null;
  /** When it is due or ends, ISO 8601. */
  readonly dueAt: string | null;
  readonly count: number | null;
  /** Whether there are more than `count`, which is where counting stopped. */
  readonly isAtLeast: boolean;
  readonly target: AttentionTarget | null;
  readonly act: AttentionAct;
}

/** The parts of an item that most kinds do not have. */
export const PLAIN = { at: null, dueAt: null, count: null, isAtLeast: false, target: null } as const;

/** Where counting stops: what is shown as "more than 1,000". */
export const COUNTED = 1_000;

/** A count of which one more than `COUNTED` says that there are more. */
export function capped(found: number): Pick<AttentionItem, 'count' | 'isAtLeast'> {
  return { count: Math.min(found, COUNTED), isAtLeast: found > COUNTED };
}

/** `1 person`, `12 people`, `More than 1,000 people`. */
export function countInWords(found: number, one: string, several: string): string {
  if (found > COUNTED) return `More than ${COUNTED.toLocaleString('en')} ${several}`;
  return countOf(found, one, several);
}

const RANK: Readonly<Record<Severity, number>> = { high: 0, medium: 1, low: 2 };

/** The most urgent first: by severity, then by what is due first, then the newest. */
export function compareItems(left: AttentionItem, right: AttentionItem): number {
  const severity = RANK[left.severity] - RANK[right.severity];
  if (severity !== 0) return severity;
  const [leftDue, rightDue] = [left.dueAt ?? '9999', right.dueAt ?? '9999'];
  if (leftDue !== rightDue) return leftDue < rightDue ? -1 : 1;
  return (right.at ?? '').localeCompare(left.at ?? '');
}

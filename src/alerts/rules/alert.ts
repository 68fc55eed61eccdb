/** Kinds of alerts, each of which a detector opens. */
export const ALERT_KINDS = [
  'new_location',
  'failed_sign_ins',
  'password_spraying',
  'sensitive_action',
  'off_hours',
  'query_volume',
  'mass_change',
  'expiring',
  'silent_connection',
  'failing_stream',
  'missing_domain_record',
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export const SEVERITIES = ['low', 'medium', 'high'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What administrators make of an alert; `false_positive` is "not suspicious". */
export const ALERT_STATES = ['open', 'acknowledged', 'resolved', 'false_positive'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** What a detector found: pure data, before it is stored. */
export interface Finding {
  readonly kind: AlertKind;
  readonly severity: Severity;
  /** The user or the connection that it is about; neither for the organization as a whole. */
  readonly user?: string;
  readonly connection?: string;
  /** ISO 8601 */
  readonly at: string;
  /** What makes two findings the same alert, apart from kind, subject and day. */
  readonly key: string;
  /** True for what lasts: it is one alert, not one a day. */
  readonly lasting?: true;
  /** Why it was opened and what it was compared with: sentences for administrators, and values for programs. */
  readonly detail: {
    readonly why: string;
    readonly comparedWith: string;
    readonly [value: string]: string | number | boolean | readonly string[] | null;
  };
}

/** The key under which an alert is stored once: the rule, whom it is about, what, and the day. */
export function dedupeKey({ kind, user, connection, key, lasting, at }: Finding): string {
  const day = lasting === true ? [] : [at.slice(0, 10)];
  return [kind, user ?? connection ?? 'organization', key, ...day].join(' ');
}

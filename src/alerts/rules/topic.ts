import type { Topic } from '../../notifications/topics.ts';
import type { AlertKind, Severity } from './alert.ts';

const TOPICS_OF_KINDS: Readonly<Partial<Record<AlertKind, Topic>>> = {
  failed_sign_ins: 'locked_out',
  new_location: 'new_location',
  mass_change: 'mass_change',
  expiring: 'expiring',
};

/** The topic under which administrators are told of an alert. */
export function topicOf({
  kind,
  severity,
}: {
  readonly kind: AlertKind;
  readonly severity: Severity;
}): Topic {
  return TOPICS_OF_KINDS[kind] ?? (severity === 'high' ? 'urgent_alert' : 'alert');
}

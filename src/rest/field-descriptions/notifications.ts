import type { FieldDescription } from './description.ts';

/** Fields of notifications. */
export const NOTIFICATION_DESCRIPTIONS: Readonly<Record<string, FieldDescription>> = {
  allowed: ['What may be chosen.', ['at_once', 'daily', 'off']],
  chosen: ['Whether it is a choice of yours.', false],
  digestHour: ['The hour of the day at which what is told daily is mailed.', 8],
  digestTimeZone: ['The time zone of that hour.', 'Europe/Berlin'],
  topic: ['What the mails are about.', 'mass_change'],
  topics: ['The topics that your rights reach.'],
  webhookEvents: ['Events that webhooks get of the same.', ['alert.opened']],
};

import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

const alert = {
  target: 'alert',
  values: {
    kind: z.string(),
    severity: z.string(),
    state: z.string(),
    user: z.string(),
    connection: z.string(),
  },
} as const;

/** What happens to alerts. */
export const alertEvents = declareEvents({
  'alert.opened': {
    ...alert,
    sentence: 'Rollcall opened an alert[: {kind.words}][, severity {severity}]',
    meaning: 'Something unusual was found; the values say what and whom it is about.',
  },
  'alert.decided': {
    ...alert,
    reason: true,
    sentence: '{actor} marked an alert as {state.words}',
    meaning:
      'An administrator acknowledged, resolved or reopened an alert, or said that it was not suspicious.',
  },
  'working_hours.updated': {
    target: ['user', 'group'],
    values: { hours: z.record(z.string(), z.unknown()).nullable() },
    sentence: '{actor} changed the working hours of {target}',
    meaning:
      'The working hours of a user or a group, outside of which a sign-in opens an alert, were changed.',
  },
  'alert_rule.updated': {
    target: 'organization',
    values: z.record(z.string(), z.unknown()),
    sentence: '{actor} changed a rule of alerts[: {values}]',
    meaning: 'A rule that opens alerts was changed.',
  },
});

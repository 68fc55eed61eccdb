import { type FieldDescription, ID, TIME } from './description.ts';

/** Fields of history. */
export const HISTORY_DESCRIPTIONS: Readonly<Record<string, FieldDescription>> = {
  changes: ['How many changes there were.', 14],
  completeSince: ['History is complete from then on; null while its beginning is being written.', TIME],
  day: ['A day, in UTC.', '2026-11-28'],
  eventId: ['The event: GET /audit/{id}.', ID],
  sentence: ['What happened, in words.', 'Jane Doe went from train to configure.'],
  suspended: ['Whether the user was inactive: the membership gave no rights.', false],
  via: ['How it was done: api, scim, sso, sign_in, invitation, cli or schedule.', 'api'],
};

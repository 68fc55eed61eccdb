import type { FieldDescription } from './description.ts';

/** Fields of set-up links. */
export const SET_UP_LINK_DESCRIPTIONS: Readonly<Record<string, FieldDescription>> = {
  checks: ['What was looked at, step by step.'],
  last4: ['The last four characters of the token; null for one that is older than this field.', 'x9Qa'],
  mayActivate: ['Whether its holder may activate the connection, and change it while it is active.', false],
  passed: ['Whether it is as it should be.', true],
  tokens: ['The tokens of the connection, the newest first, those that were revoked among them.'],
};

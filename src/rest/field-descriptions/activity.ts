import { type FieldDescription, TIME } from './description.ts';

/** Fields of activity that only it has. */
export const ACTIVITY_DESCRIPTIONS: Readonly<Record<string, FieldDescription>> = {
  accepted: ['Events that were stored.', 500],
  agent: ['What the agent is called; null for none.', 'Support Agent'],
  averageResponseMs: ['The mean response time in milliseconds.', 1_800],
  duplicates: ['Events that were stored before.', 0],
  failedAuth: ['Failed sign-ins.'],
  lastLogin: ['When the user last signed in.'],
  mostUsedAgent: ['The agent with the most queries.'],
  queries: ['Events of type query.', 45],
  resource: ['What was accessed; null for none.', 'Prices 2026'],
  resourceTags: ['Tags of the resource.', ['finance']],
  responseMs: ['How long the answer took, in milliseconds; null where it is not known.', 1_800],
  start: ['When it begins.', TIME],
  window: ['How far back from now.', '24h'],
};

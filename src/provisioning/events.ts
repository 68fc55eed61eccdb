import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What happens to SCIM connections and their tokens. */
export const provisioningEvents = declareEvents({
  'connection.created': {
    target: 'connection',
    values: z.record(z.string(), z.unknown()),
    sentence: '{actor} added {target}',
    meaning: 'A SCIM connection was added.',
  },
  'connection.updated': {
    target: 'connection',
    values: z.record(z.string(), z.unknown()),
    sentence: '{actor} changed {target}[: {values}]',
    meaning: 'The settings of a SCIM connection changed.',
  },
  'connection.deleted': {
    target: 'connection',
    values: { name: z.string() },
    sentence: '{actor} removed the SCIM connection[ {name.before}]',
    meaning:
      'A SCIM connection was removed: its tokens ended, its users and groups stay and are administered here.',
  },
  'connection.mass_change_held': {
    target: 'connection',
    sentence: '{target} tried to take access from an unusual share of its users, which is held',
    meaning:
      'A connection that holds mass changes tried one: its requests are rejected until an administrator allows them.',
  },
  'connection.mass_change_allowed': {
    target: 'connection',
    values: { until: z.string() },
    sentence: '{actor} allowed a mass change by {target} until {until}',
    meaning: 'A mass change by a connection that holds them was allowed for some time.',
  },
  'connection.self_tested': {
    target: 'connection',
    values: { passed: z.boolean() },
    sentence: '{actor} ran the self-test of {target}',
    meaning: 'The self-test of a SCIM connection ran: its requests were answered and rolled back.',
  },
  'scim.request_replayed': {
    target: 'connection',
    values: { request: z.string() },
    sentence: '{actor} replayed a failed request of {target}',
    meaning: 'A failed SCIM request was carried out again; the value after is the id of the new request.',
  },
  'scim.token_issued': {
    target: 'scim_token',
    values: { connection: z.string(), expiresAt: z.string() },
    sentence: '{actor} issued a SCIM token[, which works until {expiresAt}]',
    meaning: 'A SCIM token was issued.',
  },
  'scim.token_rotated': {
    target: 'scim_token',
    values: z.record(z.string(), z.unknown()),
    sentence: '{actor} replaced a SCIM token',
    meaning: 'A SCIM token was replaced by a new one.',
  },
  'scim.token_revoked': {
    target: 'scim_token',
    sentence: '{actor} revoked a SCIM token',
    meaning: 'A SCIM token was revoked.',
  },
});

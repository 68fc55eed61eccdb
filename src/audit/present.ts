import { z } from 'zod';
import { time } from '../rest/shapes.ts';
import type { AuditEvent, Party } from './queries.ts';

/** Events on the wire. */

const partyShape = z
  .object({
    type: z
      .string()
      .meta({ description: 'user, group, connection and others, as docs/events.md lists them.' }),
    id: z.string(),
    name: z.string().nullable().meta({ description: 'What it is called today; null once it is erased.' }),
    email: z.string().nullable().meta({ description: 'Only users have one.' }),
  })
  .meta({ id: 'EventParty' });

export const eventShape = z
  .object({
    id: z.string(),
    at: time,
    action: z.string().meta({ description: 'noun.verb_past; docs/events.md has all of them.' }),
    outcome: z.enum(['success', 'failure']),
    sentence: z.string().meta({ description: 'The event in words, with the names of today.' }),
    actor: partyShape,
    via: z
      .string()
      .meta({ description: 'How it was done: api, scim, sso, sign_in, invitation, cli or schedule.' }),
    target: partyShape.meta({ description: 'What it was done to.' }),
    member: partyShape.nullable().meta({ description: 'The other party, such as the member of a group.' }),
    changes: z
      .object({
        attributes: z.array(z.string()).optional(),
        values: z.record(z.string(), z.tuple([z.unknown(), z.unknown()])).optional(),
      })
      .nullable()
      .meta({ description: 'Names of changed personal attributes, and other values before and after.' }),
    reason: z.string().nullable().meta({ description: 'What the actor wrote.' }),
    requestId: z.string().nullable(),
    sessionId: z.string().nullable(),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
  })
  .meta({ id: 'AuditEvent' });

function presentParty({ type, id: partyId, name, email }: Party): z.input<typeof partyShape> {
  return { type, id: partyId, name, email };
}

/** @returns an event as answers and exports show it */
export function presentEvent({
  row,
  sentence,
  actor,
  target,
  member,
}: AuditEvent): z.input<typeof eventShape> {
  return {
    id: row.id,
    at: row.at,
    action: row.action,
    outcome: row.outcome,
    sentence,
    actor: presentParty(actor),
    via: row.via,
    target: presentParty(target),
    member: member === null ? null : presentParty(member),
    changes: row.changes as z.input<typeof eventShape>['changes'],
    reason: row.reason,
    requestId: row.request_id,
    sessionId: row.session_id,
    ip: row.ip,
    userAgent: row.user_agent,
  };
}

import type { AuditEvent, Party } from './queries.ts';

/** A party on the wire. */
export function presentParty({ type, id: partyId, name, email }: Party) {
  return { type, id: partyId, name, email };
}

/** @returns an event as answers and exports show it */
export function presentEvent({ row, sentence, actor, target, member }: AuditEvent) {
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
    changes: row.changes,
    reason: row.reason,
    requestId: row.requestId,
    sessionId: row.sessionId,
    ip: row.ip,
    userAgent: row.userAgent,
    country: row.country,
  };
}

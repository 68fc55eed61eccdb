import { presentParty } from '../audit/present.ts';
import { type Authority, scopeOf } from '../directory/roles/authority.ts';
import { type Locate, presentLocation } from '../platform/locations/location.ts';
import { APPLICATION, type LogEntry } from './log.ts';
import { sentenceOfActivity } from './rules/words.ts';

/**
 * An entry of the log on the wire. Without the right to read the audit trail, its reasons and the addresses of others
 * are left out.
 */
export function presentEntry(by: Authority, entry: LogEntry, locate: Locate) {
  if (entry.kind === 'activity') {
    const { row, user } = entry;
    const actor = { type: 'user', id: row.user, name: user?.name ?? null, email: user?.email ?? null };
    return {
      id: row.id,
      at: row.at,
      source: APPLICATION,
      type: row.type,
      outcome: 'success' as const,
      sentence: sentenceOfActivity(actor.name ?? actor.email ?? 'A user who was erased', row),
      actor,
      target: null,
      agent: row.agent,
      resource: row.resource,
      resourceTags: [...(row.resourceTags ?? [])],
      responseMs: row.responseMs,
      ip: row.ip,
      location: presentLocation(locate(row.ip)),
      userAgent: row.userAgent,
    };
  }
  const { row, sentence, summary, actor, target } = entry.event;
  const isAuditor = scopeOf(by, 'audit:read') === 'all';
  const showsPlace = isAuditor || actor.id === by.rights.id;
  return {
    id: row.id,
    at: row.at,
    source: row.via,
    type: row.action,
    outcome: row.outcome,
    sentence: isAuditor ? sentence : summary,
    actor: presentParty(actor),
    target: presentParty(target),
    agent: null,
    resource: null,
    resourceTags: [],
    responseMs: null,
    ip: showsPlace ? row.ip : null,
    location: presentLocation(showsPlace ? locate(row.ip) : undefined),
    userAgent: showsPlace ? row.userAgent : null,
  };
}

export type PresentedEntry = ReturnType<typeof presentEntry>;

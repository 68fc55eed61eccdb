import type { CommandRunner } from '../directory/command-runner.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { writeCsv, writeNdjson } from '../platform/text-rows.ts';
import { toOcsf } from './ocsf.ts';
import { presentEvent } from './present.ts';
import type { AuditEvent, AuditQueries, AuditSearch } from './queries.ts';

export const AUDIT_FORMATS = ['csv', 'ndjson', 'ocsf'] as const;
export type AuditFormat = (typeof AUDIT_FORMATS)[number];

export interface AuditExport {
  /**
   * Records that events are exported, then streams them as text, the newest first; needs `audit:export`.
   * @throws DomainError `text_too_short`, `too_many_names`
   */
  export(by: Authority, search: AuditSearch, format: AuditFormat): Promise<AsyncIterable<string>>;
}

/** Builds it. */
export function createAuditExport({
  runner,
  audit,
}: {
  readonly runner: CommandRunner;
  readonly audit: AuditQueries;
}): AuditExport {
  return {
    export: async (by, search, format) => {
      await audit.search(by, search, undefined, 1);
      await runner.withoutLock(by.org, by.origin, async ({ org, recordEvent }) => {
        const values = {
          format: [null, format] as const,
          ...(search.from === undefined ? {} : { from: [null, search.from] as const }),
          ...(search.to === undefined ? {} : { to: [null, search.to] as const }),
        };
        recordEvent({ action: 'audit.exported', target: ['organization', org], changes: { values } });
      });
      const events = audit.all(by, search);
      if (format === 'csv') return writeCsv(events, HEADER, toCells);
      return writeNdjson(events, format === 'ocsf' ? toOcsf : presentEvent);
    },
  };
}

const HEADER = [
  'id',
  'at',
  'action',
  'outcome',
  'sentence',
  'actor_type',
  'actor_id',
  'actor_name',
  'actor_email',
  'via',
  'target_type',
  'target_id',
  'target_name',
  'member_type',
  'member_id',
  'member_name',
  'changes',
  'reason',
  'request_id',
  'session_id',
  'ip',
  'user_agent',
  'country',
];

function toCells({ row, sentence, actor, target, member }: AuditEvent) {
  return [
    row.id,
    row.at,
    row.action,
    row.outcome,
    sentence,
    actor.type,
    actor.id,
    actor.name,
    actor.email,
    row.via,
    target.type,
    target.id,
    target.name,
    member?.type,
    member?.id,
    member?.name,
    row.changes === null ? '' : JSON.stringify(row.changes),
    row.reason,
    row.requestId,
    row.sessionId,
    row.ip,
    row.userAgent,
    row.country,
  ];
}

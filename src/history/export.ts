import type { CommandRunner } from '../directory/command-runner.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import { writeCsv, writeNdjson } from '../platform/text-rows.ts';
import type { Change, ChangeFilter, ChangeQueries } from './change-queries.ts';
import type { Span } from './moments.ts';
import { presentChange } from './present.ts';

export const DIFFERENCE_FORMATS = ['csv', 'ndjson'] as const;
export type DifferenceFormat = (typeof DIFFERENCE_FORMATS)[number];

export interface DifferenceExport {
  /**
   * Records that the differences of two moments are exported, then streams them as text, the newest first; needs
   * `audit:export`.
   * @throws DomainError `forbidden`, `before_history`, `in_the_future`, `history_incomplete`
   */
  export(
    by: Authority,
    span: Span,
    filter: ChangeFilter,
    format: DifferenceFormat,
  ): Promise<AsyncIterable<string>>;
}

/** Builds it. */
export function createDifferenceExport({
  runner,
  history,
}: {
  readonly runner: CommandRunner;
  readonly history: ChangeQueries;
}): DifferenceExport {
  return {
    export: async (by, span, filter, format) => {
      requireWholeOrganization(by, 'audit:export');
      await history.differences(by, span, filter, undefined, 1);
      await runner.withoutLock(by.org, by.origin, async ({ org, recordEvent }) => {
        const values = {
          format: [null, format] as const,
          from: [null, span.from] as const,
          to: [null, span.to] as const,
        };
        recordEvent({ action: 'history.exported', target: ['organization', org], changes: { values } });
      });
      const changes = history.allDifferences(by, span, filter);
      return format === 'csv' ? writeCsv(changes, HEADER, toCells) : writeNdjson(changes, presentChange);
    },
  };
}

const HEADER = [
  'at',
  'kind',
  'effects',
  'sentence',
  'user_id',
  'user_name',
  'user_email',
  'group_id',
  'group_name',
  'before',
  'after',
  'event_id',
  'actor_type',
  'actor_id',
  'actor_name',
  'via',
  'event_sentence',
  'reason',
];

function toCells(change: Change) {
  const { at, kind, effects, sentence, user, group, before, after, cause } = presentChange(change);
  return [
    at,
    kind,
    effects.join(' '),
    sentence,
    user?.id,
    user?.label,
    user?.email,
    group?.id,
    group?.label,
    before === null ? '' : JSON.stringify(before),
    after === null ? '' : JSON.stringify(after),
    cause?.eventId,
    cause?.actor.type,
    cause?.actor.id,
    cause?.actor.name,
    cause?.via,
    cause?.sentence,
    cause?.reason,
  ];
}

import type { CommandRunner } from '../directory/command-runner.ts';
import type { Authority } from '../directory/roles/authority.ts';
import type { Locate } from '../platform/locations/location.ts';
import { writeCsv, writeNdjson } from '../platform/text-rows.ts';
import type { LogSearch } from './log.ts';
import { type PresentedEntry, presentEntry } from './present.ts';
import { type ActivityQueries, NEWEST } from './queries.ts';

export const ACTIVITY_FORMATS = ['csv', 'ndjson'] as const;
export type ActivityFormat = (typeof ACTIVITY_FORMATS)[number];

export interface ActivityExport {
  /**
   * Records that activity is exported, then streams the entries of the log that the caller may see as text, the newest
   * first (R109); needs `activity:read`.
   * @throws DomainError `forbidden`
   */
  export(by: Authority, search: LogSearch, format: ActivityFormat): Promise<AsyncIterable<string>>;
}

const BATCH = 500;

/** Builds it. */
export function createActivityExport({
  runner,
  activity,
  locate,
}: {
  readonly runner: CommandRunner;
  readonly activity: ActivityQueries;
  readonly locate: Locate;
}): ActivityExport {
  return {
    export: async (by, search, format) => {
      await activity.log(by, search, NEWEST, 1);
      await runner.withoutLock(by.org, by.origin, async ({ org, recordEvent }) => {
        const values = {
          format: [null, format] as const,
          ...(search.from === undefined ? {} : { from: [null, search.from] as const }),
          ...(search.to === undefined ? {} : { to: [null, search.to] as const }),
          ...(search.users === undefined ? {} : { users: [null, search.users.length] as const }),
        };
        recordEvent({ action: 'activity.exported', target: ['organization', org], changes: { values } });
      });
      const entries = entriesOf({ activity, locate }, by, search);
      return format === 'csv' ? writeCsv(entries, HEADER, toCells) : writeNdjson(entries, (entry) => entry);
    },
  };
}

async function* entriesOf(
  { activity, locate }: { readonly activity: ActivityQueries; readonly locate: Locate },
  by: Authority,
  search: LogSearch,
): AsyncIterable<readonly PresentedEntry[]> {
  for (let from = NEWEST; ; ) {
    const { entries, next } = await activity.log(by, search, from, BATCH);
    if (entries.length > 0) yield entries.map((entry) => presentEntry(by, entry, locate));
    if (next === undefined) return;
    from = next;
  }
}

const HEADER = [
  'id',
  'at',
  'source',
  'type',
  'outcome',
  'sentence',
  'actor_type',
  'actor_id',
  'actor_name',
  'actor_email',
  'target_type',
  'target_id',
  'target_name',
  'agent',
  'resource',
  'resource_tags',
  'response_ms',
  'ip',
  'user_agent',
  'country',
  'asn',
];

function toCells(entry: PresentedEntry) {
  const { actor, target } = entry;
  return [
    entry.id,
    entry.at,
    entry.source,
    entry.type,
    entry.outcome,
    entry.sentence,
    actor.type,
    actor.id,
    actor.name,
    actor.email,
    target?.type,
    target?.id,
    target?.name,
    entry.agent,
    entry.resource,
    entry.resourceTags.join(';'),
    entry.responseMs,
    entry.ip,
    entry.userAgent,
    entry.location?.country,
    entry.location?.asn,
  ];
}

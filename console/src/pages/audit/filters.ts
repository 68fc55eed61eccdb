import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf } from '../../api/lists.ts';
import type { AuditEvent, EventParty } from '../../api/schema.d.ts';
import type { Search } from '../../app/router.tsx';
import { spanInWords } from '../../components/time-chip.tsx';

const LISTS = new Set(['actor', 'target', 'about', 'action']);
const KEYS = ['from', 'to', 'actor', 'target', 'about', 'action', 'outcome', 'connection', 'requestId', 'q'];
const PAGE = 100;

export type AuditFilters = Readonly<Record<string, string | readonly string[]>>;

/** @returns what the API is asked for what the address says; `user` is what other pages link with */
export function auditFilters(search: Search): AuditFilters {
  const about = search['about'] ?? search['user'];
  const set = KEYS.flatMap((key) => {
    const value = key === 'about' ? about : search[key];
    if (value === undefined || value === '') return [];
    return [[key, LISTS.has(key) ? value.split(',') : value] as const];
  });
  return Object.fromEntries(set);
}

/** The pages of the audit trail that an address describes. */
export const auditQuery = (filters: AuditFilters) =>
  infiniteQueryOptions({
    queryKey: ['audit', 'events', filters],
    ...byCursor,
    queryFn: async ({ pageParam, signal }) => {
      const cursor = cursorOf(pageParam);
      // The server says in a sentence which value of an address it does not take.
      const query = { ...(filters as Readonly<Record<string, never>>), limit: PAGE, ...cursor };
      const page = await dataOf(api.GET('/audit', { params: { query }, signal }));
      return page as { data: AuditEvent[]; nextCursor: string | null };
    },
  });

/** @returns what a party is called; what has no name by its kind */
export const partyName = ({ type, name, email }: EventParty): string =>
  name ?? email ?? (type === 'user' ? 'a deleted user' : type.replaceAll('_', ' '));

/** What parties of these events are called, by id. */
export function namesIn(events: readonly AuditEvent[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { actor, target, member } of events) {
    for (const party of [actor, target, member]) {
      if (party !== null) names.set(party.id, partyName(party));
    }
  }
  return names;
}

/** The search as one sentence: `Failures by Amara Okafor about Jane Doe, since 24 Nov 2026, 09:12.` */
export function searchInWords(filters: AuditFilters, names: ReadonlyMap<string, string>): string {
  const listed = (key: string) => {
    const value = filters[key];
    return value === undefined
      ? undefined
      : [value]
          .flat()
          .map((id) => names.get(id) ?? id.slice(0, 8))
          .join(' or ');
  };
  const text = (key: string) => filters[key] as string | undefined;
  const outcome = text('outcome');
  const kinds = [filters['action'] ?? []].flat().join(' or ');
  const what = outcome === 'failure' ? 'Failures' : outcome === 'success' ? 'What succeeded' : 'Everything';
  const parts = [
    what,
    kinds && `of ${kinds}`,
    listed('actor') && `by ${listed('actor')}`,
    listed('target') && `done to ${listed('target')}`,
    listed('about') && `about ${listed('about')}`,
    listed('connection') && `through ${listed('connection')}`,
    text('requestId') && `of the request ${text('requestId')}`,
    text('q') && `that ${outcome === 'failure' ? 'name' : 'names'} “${text('q')}”`,
    spanInWords(text('from'), text('to')),
  ];
  return `${parts.filter(Boolean).join(' ')}, newest first.`;
}

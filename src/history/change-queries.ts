import type { AuditEvent, AuditQueries } from '../audit/queries.ts';
import { findNames, type PartyName } from '../audit/store/names.ts';
import type { GroupId, OrgId, UserId } from '../directory/ids.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import type { Database } from '../platform/db/database.ts';
import type { Span } from './moments.ts';
import type { HistoryReader } from './queries.ts';
import { causeOf } from './rules/cause.ts';
import { type ChangeWords, type Effect, wordsOf } from './rules/change-words.ts';
import { pseudonymOf } from './rules/past-user.ts';
import {
  type ChangeFilter,
  type ChangePlace,
  type ChangeRow,
  type ChangeSlice,
  countByDay,
  findCauses,
  findChanges,
  findDifferences,
} from './store/changes.ts';
import { findLastNames } from './store/states.ts';

export type { ChangePlace } from './store/changes.ts';
export { CHANGE_KINDS, type ChangeFilter } from './store/changes.ts';

/** A person or a group as an answer shows it. */
export interface Named {
  readonly id: string;
  /** Null where it has none any more. */
  readonly name: string | null;
  readonly email: string | null;
  /** What to show: the name, else the address, else the pseudonym of who was erased. */
  readonly label: string;
}

/** A change with names, in words, and with the event that tells who made it. */
export interface Change extends ChangeWords {
  readonly row: ChangeRow;
  readonly user: Named | null;
  readonly group: Named | null;
  readonly cause: AuditEvent | null;
}

export interface DifferenceSummary {
  readonly counts: ReadonlyMap<Effect, number>;
  readonly days: readonly { readonly day: string; readonly changes: number }[];
  /** False where counting took too long, and the oldest changes are not counted. */
  readonly isWhole: boolean;
}

export interface ChangePage {
  readonly changes: readonly Change[];
  readonly next: ChangePlace | undefined;
}

export interface ChangeQueries {
  /**
   * What differs between two moments (R150), the newest change first.
   * @throws DomainError `forbidden`, `before_history`, `in_the_future`, `history_incomplete`
   */
  differences(
    by: Authority,
    span: Span,
    filter: ChangeFilter,
    before: ChangePlace | undefined,
    limit: number,
  ): Promise<ChangePage>;
  /** All of them, in batches. @throws DomainError as `differences` */
  allDifferences(by: Authority, span: Span, filter: ChangeFilter): AsyncIterable<readonly Change[]>;
  /** How many things have which effect, and how many changes each day had. @throws DomainError as `differences` */
  summary(by: Authority, span: Span): Promise<DifferenceSummary>;
  /** Each change within a span, in batches. @throws DomainError as `differences` */
  allChanges(by: Authority, span: Span): AsyncIterable<readonly Change[]>;
  /** The changes that gave a user the role and the owner flag that they had at a moment; undefined where none is known. */
  given(
    by: Authority,
    user: UserId,
    asOf: string,
  ): Promise<{ readonly role: Change | undefined; readonly owner: Change | undefined }>;
  /** Each change of one user, the newest first. @throws DomainError `not_found` */
  ofUser(by: Authority, user: UserId, before: ChangePlace | undefined, limit: number): Promise<ChangePage>;
}

const PATIENCE_MS = 400;
const SUMMARY_MS = 5_000;
const BATCH = 500;

type Search = (before: ChangePlace | undefined) => Promise<ChangeSlice>;

/** Builds the questions about changes. */
export function createChangeQueries({
  db,
  audit,
  reader,
}: {
  readonly db: Database;
  readonly audit: AuditQueries;
  readonly reader: HistoryReader;
}): ChangeQueries {
  const page = async (
    by: Authority,
    search: Search,
    before: ChangePlace | undefined,
    limit: number,
  ): Promise<ChangePage> => {
    const rows: ChangeRow[] = [];
    let next = before;
    const until = Date.now() + PATIENCE_MS;
    do {
      const slice = await search(next);
      rows.push(...slice.rows);
      next = slice.next;
    } while (next !== undefined && rows.length <= limit && Date.now() < until);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const cut = rows.length > limit && last !== undefined ? { at: last.at, seq: last.seq } : next;
    return { changes: await describe(by, shown), next: cut };
  };

  const all = async function* (by: Authority, search: Search): AsyncIterable<readonly Change[]> {
    for (let next: ChangePlace | undefined; ; ) {
      const found = await page(by, search, next, BATCH);
      if (found.changes.length > 0) yield found.changes;
      next = found.next;
      if (next === undefined) return;
    }
  };

  const describe = async (by: Authority, rows: readonly ChangeRow[]): Promise<Change[]> => {
    if (rows.length === 0) return [];
    const ids = [...new Set(rows.flatMap(({ user, group }) => [user, group].filter((id) => id !== null)))];
    const [names, causes] = await Promise.all([findNames(db, by.org, ids), causesOf(by, rows)]);
    const gone = rows.flatMap(({ group }) => (group === null || names.has(group) ? [] : [group]));
    const lastNames = await findLastNames(db, by.org, [...new Set(gone)]);
    return rows.map((row) => {
      const user = row.user === null ? null : personOf(row.user, names);
      const group = row.group === null ? null : groupOf(row, names, lastNames);
      const words = wordsOf({ ...row, user: user?.label ?? '', group: group?.label ?? '' });
      return { row, ...words, user, group, cause: causes.get(row) ?? null };
    });
  };

  const causesOf = async (by: Authority, rows: readonly ChangeRow[]): Promise<Map<ChangeRow, AuditEvent>> => {
    const times = rows.map(({ at }) => Date.parse(at));
    const span = {
      from: new Date(Math.min(...times) - SLACK_MS).toISOString(),
      to: new Date(Math.max(...times) + SLACK_MS).toISOString(),
    };
    const positions = [...new Set(rows.flatMap(({ position }) => position ?? []))];
    const ids = rows.flatMap(({ user, group, item }) => [user, group, item].filter((id) => id !== null));
    const found = await findCauses(db, by.org, positions, [...new Set(ids)], span);
    const chosen = rows.flatMap((row) => {
      const cause = causeOf(row, found);
      return cause === undefined ? [] : [[row, cause.id] as const];
    });
    const events = await audit.list(by, [...new Set(chosen.map(([, id]) => id))], span);
    const byId = new Map(events.map((event) => [event.row.id, event]));
    return new Map(
      chosen.flatMap(([row, id]) => {
        const event = byId.get(id);
        return event === undefined ? [] : [[row, event] as const];
      }),
    );
  };

  const within = async (by: Authority, span: Span): Promise<OrgId> => {
    requireWholeOrganization(by, 'audit:read');
    await reader.requireSpan(by.org, span);
    return by.org;
  };

  return {
    differences: async (by, span, filter, before, limit) => {
      const org = await within(by, span);
      return page(by, (place) => findDifferences(db, org, span, filter, place), before, limit);
    },

    allDifferences: async function* (by, span, filter) {
      const org = await within(by, span);
      yield* all(by, (place) => findDifferences(db, org, span, filter, place));
    },

    summary: async (by, span) => {
      const org = await within(by, span);
      const days = countByDay(db, org, span);
      const counts = new Map<Effect, number>();
      const until = Date.now() + SUMMARY_MS;
      let next: ChangePlace | undefined;
      do {
        const slice: ChangeSlice = await findDifferences(db, org, span, {}, next);
        for (const row of slice.rows) {
          for (const effect of wordsOf({ ...row, user: '', group: '' }).effects) {
            counts.set(effect, (counts.get(effect) ?? 0) + 1);
          }
        }
        next = slice.next;
      } while (next !== undefined && Date.now() < until);
      return { counts, days: await days, isWhole: next === undefined };
    },

    allChanges: async function* (by, span) {
      const org = await within(by, span);
      yield* all(by, (place) => findChanges(db, org, span, {}, place));
    },

    given: async (by, user, asOf) => {
      const { rows } = await findChanges(db, by.org, { to: asOf }, { user, kinds: ['user'] }, undefined);
      const role = rows.find(({ before, after }) => before?.['role'] !== after?.['role']);
      const owner = rows.find(({ before, after }) => (before?.['owner'] ?? false) !== after?.['owner']);
      const changes = await describe(
        by,
        [...new Set([role, owner])].filter((row) => row !== undefined),
      );
      return {
        role: changes.find(({ row }) => row === role),
        owner: changes.find(({ row }) => row === owner && row.after?.['owner'] === true),
      };
    },

    ofUser: async (by, user, before, limit) => {
      await reader.requireVisibleUser(by, user);
      return page(by, (place) => findChanges(db, by.org, {}, { user }, place), before, limit);
    },
  };
}

/** An event is recorded with the time of its command, as the change is; clocks of servers may differ by so much. */
const SLACK_MS = 3_600_000;

/** What a person is called today. */
export function personOf(id: string, names: ReadonlyMap<string, PartyName>): Named {
  const { name = null, email = null } = names.get(id) ?? {};
  return { id, name, email, label: name ?? email ?? pseudonymOf(id) };
}

/** A group that is gone is called what it was called. */
function groupOf(
  { group, before, after, kind }: ChangeRow,
  names: ReadonlyMap<string, PartyName>,
  lastNames: ReadonlyMap<string, string>,
): Named {
  const id = group as GroupId;
  const past = kind === 'group' ? ((after ?? before)?.['name'] as string | undefined) : undefined;
  const name = past ?? names.get(id)?.name ?? lastNames.get(id) ?? null;
  return { id, name, email: null, label: name ?? 'a group that was deleted' };
}

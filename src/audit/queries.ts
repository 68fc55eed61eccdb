import { DomainError } from '../directory/errors.ts';
import type { OrgId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { caseKey } from '../directory/rules/comparison-keys.ts';
import { findTextHits } from '../directory/search/store/text-search.ts';
import type { Database } from '../platform/db/database.ts';
import { isUuid } from '../platform/ids.ts';
import type { TargetType } from './declaration.ts';
import { findActingIds, findIdsByName, findNames, type PartyName } from './store/names.ts';
import { type AuditFilter, type AuditRecord, findEvent, findEvents, searchEvents } from './store/search.ts';
import { sentenceOf } from './words.ts';

/** Who or what an event names. */
export interface Party {
  readonly type: string;
  readonly id: string;
  /** Null where it has none any more: of an erased user only the id is left. */
  readonly name: string | null;
  readonly email: string | null;
}

/** An event with the names of today, and in words. */
export interface AuditEvent {
  readonly row: AuditRecord;
  readonly sentence: string;
  /** The sentence without the reason that a person gave. */
  readonly summary: string;
  readonly actor: Party;
  readonly target: Party;
  readonly member: Party | null;
}

/** What an administrator searches the audit trail by. */
export interface AuditSearch extends Omit<AuditFilter, 'parties'> {
  /** Ids of users, groups or connections, each of which is the actor, the target or the other party. */
  readonly about?: readonly string[] | undefined;
  /** A part of the name or address of a party. */
  readonly text?: string | undefined;
}

export interface AuditPage {
  readonly events: readonly AuditEvent[];
  /** The id that the next page is below; undefined on the last page. */
  readonly next: string | undefined;
}

export interface AuditQueries {
  /**
   * Events of the organization, the newest first. A page may hold fewer than `limit` and still have a next one, where
   * what is searched for is rare and everything that it shares with other events is not.
   * @throws DomainError `text_too_short`, `too_many_names`
   */
  search(by: Authority, search: AuditSearch, before: string | undefined, limit: number): Promise<AuditPage>;
  /** @throws DomainError `not_found` */
  get(by: Authority, id: string): Promise<AuditEvent>;
  /** Events by their ids, in no order. @param span times between which they were recorded, ISO 8601 */
  list(
    by: Pick<Authority, 'org'>,
    ids: readonly string[],
    span: { readonly from: string; readonly to: string },
  ): Promise<readonly AuditEvent[]>;
  /** All events of a search, the newest first, in batches. @throws DomainError `text_too_short`, `too_many_names` */
  all(by: Authority, search: AuditSearch): AsyncIterable<readonly AuditEvent[]>;
}

/** One page goes on searching for so long before it says where to go on. */
const PATIENCE_MS = 400;
const MOST_NAMES = 100;
const BATCH = 1_000;

/** Builds the questions about the audit trail. */
export function createAuditQueries({ db }: { readonly db: Database }): AuditQueries {
  const filterOf = async (
    org: OrgId,
    { about, text, actors, ...filter }: AuditSearch,
  ): Promise<AuditFilter> => {
    const parties = [
      ...(about === undefined ? [] : [await findActingIds(db, org, about)]),
      ...(text === undefined ? [] : [await partiesNamed(db, org, text)]),
    ];
    return {
      ...filter,
      ...(actors === undefined ? {} : { actors: await findActingIds(db, org, actors) }),
      ...(parties.length === 0 ? {} : { parties }),
    };
  };

  const search: AuditQueries['search'] = async ({ org }, wanted, before, limit) => {
    const filter = await filterOf(org, wanted);
    return page(org, filter, before, limit);
  };

  const page = async (
    org: OrgId,
    filter: AuditFilter,
    before: string | undefined,
    limit: number,
  ): Promise<AuditPage> => {
    const rows: AuditRecord[] = [];
    let next = before;
    const until = Date.now() + PATIENCE_MS;
    do {
      const slice = await searchEvents(db, org, filter, next, limit - rows.length);
      rows.push(...slice.rows);
      next = slice.next;
    } while (next !== undefined && rows.length < limit && Date.now() < until);
    return { events: await withNames(db, org, rows), next };
  };

  return {
    search,

    get: async ({ org }, id) => {
      const row = await findEvent(db, org, id);
      const [event] = row === undefined ? [] : await withNames(db, org, [row]);
      if (event === undefined) throw notFound('event');
      return event;
    },

    list: async ({ org }, ids, span) =>
      ids.length === 0 ? [] : withNames(db, org, await findEvents(db, org, ids, span)),

    all: async function* ({ org }, wanted) {
      const filter = await filterOf(org, wanted);
      for (let next: string | undefined; ; ) {
        const found = await page(org, filter, next, BATCH);
        if (found.events.length > 0) yield found.events;
        next = found.next;
        if (next === undefined) return;
      }
    },
  };
}

/** @throws DomainError `text_too_short`, `too_many_names` */
async function partiesNamed(db: Database, org: OrgId, text: string): Promise<readonly string[]> {
  const hits = await findTextHits(db, org, text);
  if (hits === 'too short') {
    throw new DomainError('text_too_short', 'Search for three characters of a name or more.');
  }
  const others = await findIdsByName(db, org, `%${caseKey(text).replaceAll(/[\\%_]/g, '\\$&')}%`);
  if (hits === 'many' || hits.length + others.length > MOST_NAMES) {
    throw new DomainError(
      'too_many_names',
      `More than ${MOST_NAMES} names have this text: search for more of it.`,
    );
  }
  return [...hits, ...others];
}

/** Adds the names of today, read once for all rows. */
async function withNames(db: Database, org: OrgId, rows: readonly AuditRecord[]): Promise<AuditEvent[]> {
  const ids = rows.flatMap((row) => [row.actorId, row.actorUserId, row.targetId, row.memberId]);
  const names = await findNames(
    db,
    org,
    [...new Set(ids)].filter((id) => id !== null && isUuid(id)) as string[],
  );
  return rows.map((row) => {
    const actor = actorOf(row, names);
    const target = partyOf(row.targetType, row.targetId, names);
    const member = row.memberId === null ? null : partyOf(memberTypeOf(row), row.memberId, names);
    const spoken = {
      ...row,
      actor: calledActor(actor, row),
      target: called(target, row),
      member: member === null ? 'no one' : called(member, row),
      self: [
        ...(actor.type === 'user' && target.id === actor.id ? (['target'] as const) : []),
        ...(actor.type === 'user' && member?.id === actor.id ? (['member'] as const) : []),
      ],
    };
    const [sentence, summary] = [sentenceOf(spoken), sentenceOf({ ...spoken, reason: null })];
    return { row, sentence, summary, actor, target, member };
  });
}

function partyOf(type: string, id: string, names: ReadonlyMap<string, PartyName>): Party {
  const found = names.get(id);
  return { type: found?.type ?? type, id, name: found?.name ?? null, email: found?.email ?? null };
}

function actorOf(row: AuditRecord, names: ReadonlyMap<string, PartyName>): Party {
  if (row.actorType === 'api_key' && row.actorUserId !== null) return partyOf('user', row.actorUserId, names);
  if (isUuid(row.actorId)) return partyOf(row.actorType, row.actorId, names);
  return { type: row.actorType, id: row.actorId, name: null, email: null };
}

/** The other party of an event, where no row says what it is: mostly a user. */
const memberTypeOf = ({ targetType }: AuditRecord): TargetType =>
  targetType.startsWith('sso_') ? 'sso_connection' : 'user';

const kindNames: Readonly<Record<string, string>> = {
  user: 'a user who was erased',
  group: 'a group that was deleted',
  organization: 'the organization',
  connection: 'a connection that was deleted',
  sso_connection: 'an SSO connection that was deleted',
  service_account: 'a service account that was deleted',
  api_key: 'an API key',
  resource: 'a resource that was removed',
  webhook: 'a webhook that was removed',
  audit_stream: 'an audit stream',
  set_up_link: 'a set-up link',
};

/** What a party is called in a sentence. */
function called({ type, name, email }: Party, { changes }: AuditRecord): string {
  if (type === 'group') return name === null ? deletedGroup(changes) : `the group ${name}`;
  if (type === 'connection' || type === 'sso_connection')
    return name === null ? kindOf(type) : `the connection ${name}`;
  if (type === 'service_account') return name === null ? kindOf(type) : `the service account ${name}`;
  if (type === 'set_up_link') return name === null ? kindOf(type) : `the set-up link ${name}`;
  if (type === 'resource') return name === null ? kindOf(type) : `the resource ${name}`;
  return name ?? email ?? kindOf(type);
}

/** A group that is gone is called what it was called when the event was recorded. */
function deletedGroup(changes: AuditRecord['changes']): string {
  const [before, after] = changes?.values?.['displayName'] ?? [];
  const name = before ?? after;
  return typeof name === 'string' ? `the group ${name}` : kindOf('group');
}

const kindOf = (type: string): string => kindNames[type] ?? `a ${type.replaceAll('_', ' ')}`;

function calledActor(actor: Party, row: AuditRecord): string {
  if (actor.type === 'anonymous') return 'an unauthenticated client';
  if (actor.type === 'system') return row.via === 'cli' ? 'an operator at the command line' : 'Rollcall';
  const name = actor.type === 'connection' ? (actor.name ?? kindOf('connection')) : called(actor, row);
  return row.actorType === 'api_key' ? `${name} (by API key)` : name;
}

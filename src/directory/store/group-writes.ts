import type { Executor, Statement } from '../../platform/statement.ts';
import type { EventChanges, EventEnvelope } from '../events.ts';
import type { GroupFields, MemberDelta } from '../groups/group.ts';
import type { ConnectionId, GroupId, OrgId, UserId } from '../ids.ts';
import { caseKey } from '../rules/keys.ts';
import { count, eventColumns, eventIdSql } from './fragments.ts';
import { refusing } from './refusals.ts';

/**
 * Every write to a group is one statement of the same parts. `g` yields the group's id if the write may go on;
 * `wanted` are the users to add, `missing` those of them who are not there: one missing, and nothing is written.
 */
const wanted = `wanted as (select distinct id from unnest($3::uuid[]) as id),
    missing as (
      select w.id from wanted w
      where not exists (select from users u where u.org_id = $1 and u.id = w.id and u.deleted_at is null)
    )`;

/**
 * A membership that another door gave gets this door's share as well; a row that was not there before has no
 * `xmax`, and only that one is news (ADR 0012).
 */
const share = `on conflict (org_id, group_id, user_id)
      do update set sources = array_append(group_members.sources, 'scim') where 'scim' <> all (group_members.sources)
      returning user_id, xmax = 0 as fresh`;

const added = `shared as (
      insert into group_members (org_id, group_id, user_id, added_at)
      select $1, g.id, w.id, $4 from g, wanted w where not exists (select from missing)
      ${share}
    ), added as (select user_id from shared where fresh)`;

/** Takes this door's share back: the row goes with the last share. */
const leaving = (which: string) => {
  const where = `m.org_id = $1 and m.group_id = g.id and ${which} and not exists (select from missing)`;
  return `unshared as (
      update group_members m set sources = array_remove(m.sources, 'scim') from g
      where ${where} and 'scim' = any (m.sources) and cardinality(m.sources) > 1
    ), removed as (
      delete from group_members m using g where ${where} and m.sources = '{scim}' returning m.user_id
    )`;
};

const removedByName = leaving('m.user_id = any($8::uuid[])');

const removedByClearing = leaving(
  'cardinality($8::uuid[]) = 0 and not exists (select from wanted w where w.id = m.user_id)',
);

const counter = `n as (
      ${count('$1', 'group', '(select $2::uuid as subject where exists (select from added) or exists (select from removed)) as s', 1, '$4')}
    )`;

const memberEvents = `moved as (
      select 'group.member_added' as action, user_id from added
      union all select 'group.member_removed', user_id from removed
    ), e as (
      insert into ${eventColumns}
      select $1, ${eventIdSql('$5', 'row_number() over ()')}, $4, action, $6::jsonb, 'group', $2::uuid, user_id, null, $7::jsonb
      from moved
    )`;

const outcome = `select exists (select from g) as written,
      (select array_agg(id::text) from (select id from missing limit 10) m) as missing`;

/** The group as it is: a change of members alone writes no row of `groups`, so that writers do not queue (ADR 0004). */
const untouched = 'g as (select id from groups where org_id = $1 and id = $2)';

const link = `l as (
      insert into group_links (org_id, group_id, connection_id, external_id)
      select $1, id, $9::uuid, $10 from g
      on conflict (org_id, group_id, connection_id) do update set external_id = excluded.external_id
      where group_links.external_id is distinct from excluded.external_id
    )`;

const attributeEvent = (action: string) => `a as (
      insert into ${eventColumns}
      select $1, ${eventIdSql('$5', '0')}, $4, ${action}, $6::jsonb, 'group', g.id, null, $14::jsonb, $7::jsonb
      from g where $14::jsonb is not null
    )`;

const updated = `g as (
      update groups set display_name = $11, display_name_key = $12, profile = $13::jsonb, version = version + 1, updated_at = $4, source = 'scim'
      where org_id = $1 and id = $2 and version = $15 and not exists (select from missing)
      returning id
    )`;

const inserted = `g as (
      insert into groups (org_id, id, display_name, display_name_key, profile, created_at, updated_at)
      select $1, $2, $11, $12, $13::jsonb, $4, $4 where not exists (select from missing)
      returning id
    )`;

const write = (name: string, ...parts: string[]): Statement => ({
  name,
  text: `with ${parts.join(',\n    ')}\n    ${outcome}`,
});

const changeByName = write(
  'group-members-change',
  untouched,
  wanted,
  added,
  removedByName,
  counter,
  memberEvents,
);
const changeByClearing = write(
  'group-members-replace',
  untouched,
  wanted,
  added,
  removedByClearing,
  counter,
  memberEvents,
);
const updateByName = write(
  'group-update',
  wanted,
  updated,
  link,
  added,
  removedByName,
  counter,
  memberEvents,
  attributeEvent("'group.updated'"),
);
const updateByClearing = write(
  'group-update-replace',
  wanted,
  updated,
  link,
  added,
  removedByClearing,
  counter,
  memberEvents,
  attributeEvent("'group.updated'"),
);
const create = write(
  'group-insert',
  wanted,
  inserted,
  link,
  added,
  removedByName,
  `t as (${count('$1', 'groups', '(select $1::uuid as subject from g) as s', 1, '$4')})`,
  memberEvents,
  attributeEvent("'group.created'"),
);

/**
 * The commonest change of all: one member more, who was not there. It yields a row if that is what happened. If
 * not (nobody of that id, or already a member), nothing is written, and the statement for all cases has its turn.
 */
const addOne: Statement = {
  name: 'group-member-add',
  text: `with added as (
      insert into group_members (org_id, group_id, user_id, added_at)
      select $1, $2, id, $4 from users where org_id = $1 and id = $3 and deleted_at is null
      on conflict do nothing
      returning user_id
    ),
    n as (
      ${count('$1', 'group', '(select $2::uuid as subject from added) as s', 1, '$4')}
    ),
    e as (
      insert into ${eventColumns}
      select $1, ${eventIdSql('$5', '1')}, $4, 'group.member_added', $6::jsonb, 'group', $2::uuid, user_id, null, $7::jsonb
      from added
    )
    select true as added from added`,
};

/** What became of a write. `missing` are wanted members who do not exist; then nothing was written. */
export interface GroupWrite {
  readonly written: boolean;
  readonly missing: readonly string[];
}

type OutcomeRow = { readonly written: boolean; readonly missing: string[] | null };

async function run(db: Executor, statement: Statement, values: readonly unknown[]): Promise<GroupWrite> {
  const [row] = await refusing(db.query<OutcomeRow>(statement, values));
  return { written: row?.written === true, missing: row?.missing ?? [] };
}

/** The parameters that every write shares: `$1` to `$8`. */
function base(org: OrgId, id: GroupId, delta: MemberDelta, event: EventEnvelope): unknown[] {
  return [org, id, [...delta.add], event.at, event.idBase, event.actor, event.context, [...delta.remove]];
}

/** The parameters of a write that sets the group's attributes: `$9` to `$14`. */
function attributes(
  connection: ConnectionId,
  fields: GroupFields,
  changes: EventChanges | undefined,
): unknown[] {
  return [
    connection,
    fields.externalId ?? null,
    fields.displayName,
    caseKey(fields.displayName),
    JSON.stringify(fields.profile),
    changes === undefined ? null : JSON.stringify(changes),
  ];
}

/** Writes a new group with its members. @throws Refusal `group_name_taken`, `external_id_taken` */
export function insertGroup(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  id: GroupId,
  fields: GroupFields,
  members: ReadonlySet<UserId>,
  changes: EventChanges,
  event: EventEnvelope,
): Promise<GroupWrite> {
  const delta = { clear: false, add: members, remove: new Set<UserId>() };
  return run(db, create, [...base(org, id, delta, event), ...attributes(connection, fields, changes)]);
}

const lock: Statement = {
  name: 'group-lock',
  text: 'select from groups where org_id = $1 and id = $2 for no key update',
};

/** Waits until nobody else replaces the group's members, to the end of the transaction; single additions pass. */
export async function lockMemberList(tx: Executor, org: OrgId, id: GroupId): Promise<void> {
  await tx.query(lock, [org, id]);
}

/**
 * Adds and removes members; reads and writes no other row of the group. `written` is false if it is not there.
 * @throws Refusal `not_found` if there is no such group to put somebody into
 */
export async function changeMembers(
  db: Executor,
  org: OrgId,
  id: GroupId,
  delta: MemberDelta,
  event: EventEnvelope,
): Promise<GroupWrite> {
  const [only] = delta.add;
  if (only !== undefined && delta.add.size === 1 && delta.remove.size === 0 && !delta.clear) {
    const values = [org, id, only, event.at, event.idBase, event.actor, event.context];
    const added = await refusing(db.query(addOne, values));
    if (added.length > 0) return { written: true, missing: [] };
  }
  return run(db, delta.clear ? changeByClearing : changeByName, base(org, id, delta, event));
}

/**
 * Sets a group's attributes and changes its members, if its row still has `baseVersion`.
 * @throws Refusal `group_name_taken`, `external_id_taken`
 */
export function updateGroupRow(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  id: GroupId,
  baseVersion: number,
  fields: GroupFields,
  delta: MemberDelta,
  changes: EventChanges | undefined,
  event: EventEnvelope,
): Promise<GroupWrite> {
  return run(db, delta.clear ? updateByClearing : updateByName, [
    ...base(org, id, delta, event),
    ...attributes(connection, fields, changes),
    baseVersion,
  ]);
}

const remove: Statement = {
  name: 'group-delete',
  text: `with g as (
      delete from groups where org_id = $1 and id = $2 and ($7::bigint is null or version = $7) returning id, display_name
    ), lost as (
      insert into lost_memberships (org_id, user_id, group_id, name)
      select $1, m.user_id, g.id, g.display_name from g join group_members m on m.org_id = $1 and m.group_id = g.id
      join users u on u.org_id = $1 and u.id = m.user_id and u.status = 'inactive'
      on conflict do nothing
    ), c as (
      delete from counters c using g where c.org_id = $1 and c.name = 'group' and c.subject_id = g.id
    ), t as (
      ${count('$1', 'groups', '(select $1::uuid as subject from g) as s', -1, '$3')}
    ), e as (
      insert into ${eventColumns}
      select $1, ${eventIdSql('$4', '0')}, $3, 'group.deleted', $5::jsonb, 'group', g.id, null,
        jsonb_build_object('values', jsonb_build_object('displayName', jsonb_build_array(g.display_name, null))), $6::jsonb
      from g
    )
    select id from g`,
};

/** Deletes a group and its memberships. @returns false if it is not there or no longer has `baseVersion` */
export async function deleteGroupRow(
  db: Executor,
  org: OrgId,
  id: GroupId,
  baseVersion: number | undefined,
  event: EventEnvelope,
): Promise<boolean> {
  const rows = await db.query(remove, [
    org,
    id,
    event.at,
    event.idBase,
    event.actor,
    event.context,
    baseVersion ?? null,
  ]);
  return rows.length > 0;
}

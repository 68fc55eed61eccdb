import type { EventChanges } from '../../../audit/catalogue.ts';
import type { EventEnvelope } from '../../../audit/envelope.ts';
import { eventIdSql, insertEvents } from '../../../audit/store/event-sql.ts';
import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { ConnectionId, GroupId, OrgId } from '../../ids.ts';
import { caseKey } from '../../rules/comparison-keys.ts';
import { translateConstraints } from '../../store/constraint-errors.ts';
import { count, historyTime } from '../../store/fragments.ts';
import type { GroupFields, MemberDelta } from '../group.ts';
import {
  addOne,
  changeByDifference,
  changeByName,
  insertWithMembers,
  removeOne,
  updateByDifference,
  updateByName,
} from './write-sql.ts';

/** What became of a write. `missing` are wanted members who do not exist; then nothing was written. */
export interface GroupWrite {
  readonly written: boolean;
  readonly missing: readonly string[];
  /** How many members were added and removed. */
  readonly added: number;
  readonly removed: number;
}

type OutcomeRow = Omit<GroupWrite, 'missing'> & { readonly missing: string[] | null };

async function run(db: Executor, statement: Statement, values: readonly unknown[]): Promise<GroupWrite> {
  const [row] = await translateConstraints(db.query<OutcomeRow>(statement, values));
  return {
    written: row?.written === true,
    missing: row?.missing ?? [],
    added: row?.added ?? 0,
    removed: row?.removed ?? 0,
  };
}

/** A change of a group's members. */
export interface MemberWrite {
  readonly id: GroupId;
  readonly members: MemberDelta;
  readonly event: EventEnvelope;
}

/** A group's attributes, as a connection sets them, and its members. */
export interface AttributeWrite extends MemberWrite {
  readonly connection: ConnectionId;
  readonly fields: GroupFields;
  readonly changes: EventChanges;
}

/** The parameters that every write shares: `$1` to `$8`. */
const base = (org: OrgId, { id, members, event }: MemberWrite): unknown[] => [
  org,
  id,
  [...members.add],
  event.at,
  event.idBase,
  event.actor,
  event.context,
  [...members.remove],
];

/** The parameters of a write that sets the group's attributes: `$9` to `$14`. */
const attributes = ({ connection, fields, changes }: AttributeWrite): unknown[] => [
  connection,
  fields.externalId ?? null,
  fields.name,
  caseKey(fields.name),
  JSON.stringify(fields.profile),
  JSON.stringify(changes),
];

/** Writes a new group with its members. @throws DomainError `group_name_taken` */
export function insertGroup(db: Executor, org: OrgId, write: AttributeWrite): Promise<GroupWrite> {
  return run(db, insertWithMembers, [...base(org, write), ...attributes(write)]);
}

const lock: Statement = {
  name: 'group-lock',
  text: 'select from groups where org_id = $1 and id = $2 for no key update',
};

/**
 * Waits until no other user changes or deletes the group or replaces its members, to the end of the transaction; single
 * additions pass.
 */
export async function lockGroup(tx: Executor, org: OrgId, id: GroupId): Promise<void> {
  await tx.query(lock, [org, id]);
}

/**
 * Adds and removes members; reads and writes no other row of the group. `written` is false if it is not there.
 * @throws DomainError `not_found` if there is no such group to put a user into
 */
export async function changeMembers(db: Executor, org: OrgId, write: MemberWrite): Promise<GroupWrite> {
  const { id, members, event } = write;
  const added = members.add.size;
  if (added + members.remove.size === 1 && !members.clear) {
    const [only] = added === 1 ? members.add : members.remove;
    const values = [org, id, only, event.at, event.idBase, event.actor, event.context];
    const changed = await translateConstraints(db.query(added === 1 ? addOne : removeOne, values));
    if (changed.length > 0) return { written: true, missing: [], added, removed: 1 - added };
  }
  return run(db, members.clear ? changeByDifference : changeByName, base(org, write));
}

/**
 * Sets a group's attributes and changes its members, if its row still has `baseVersion`.
 * @throws DomainError `group_name_taken`
 */
export function updateGroupRow(
  db: Executor,
  org: OrgId,
  write: AttributeWrite,
  baseVersion: number,
): Promise<GroupWrite> {
  const statement = write.members.clear ? updateByDifference : updateByName;
  return run(db, statement, [...base(org, write), ...attributes(write), baseVersion]);
}

const remove: Statement = {
  name: 'group-delete',
  text: `with g as (
      delete from groups where org_id = $1 and id = $2 and ($7::bigint is null or version = $7)
      returning id, display_name, profile, version
    ), gone as (
      insert into deleted_groups (org_id, group_id, at, version, profile, links)
      select $1, g.id, $3, g.version, g.profile,
        (select coalesce(jsonb_agg(jsonb_build_object('connection', l.connection_id, 'externalId', l.external_id)), '[]')
          from group_links l where l.org_id = $1 and l.group_id = g.id)
      from g on conflict do nothing
    ), lost as (
      insert into lost_memberships (org_id, user_id, group_id, name)
      select $1, m.user_id, g.id, g.display_name from g join group_members m on m.org_id = $1 and m.group_id = g.id
      join users u on u.org_id = $1 and u.id = m.user_id
        and (u.status = 'inactive' or u.deleted_at is not null)
      on conflict do nothing
    ), c as (
      delete from counters c using g where c.org_id = $1 and c.name = 'group' and c.subject_id = g.id
    ), t as (
      ${count('$1', 'groups', '(select $1::uuid as subject from g) as s', -1, '$3')}
    ), e as (
      ${insertEvents('group.deleted', 'group', {
        id: eventIdSql('$4', '0'),
        at: '$3',
        actor: '$5',
        context: '$6',
        target: 'g.id',
        changes: `jsonb_build_object('values', jsonb_build_object('displayName', jsonb_build_array(g.display_name, null)))`,
        from: 'g',
      })}
    )
    select id, ${historyTime('$3')} from g`,
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

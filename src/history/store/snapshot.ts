import type { OrgId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

/** The states with which history begins, in the form in which the triggers write them (migration 0100). */
const BATCH = 2_000;

interface Stage {
  /** What yields a row of history for each row behind the place that `$2` and `$3` name, with the place. */
  readonly select: string;
}

/** Later rows of the triggers have a greater `seq` than any of the snapshot, whichever was read first. */
const stages: readonly Stage[] = [
  {
    select: `select 'user' as kind, id as user_id, null::uuid as group_id, null::uuid as item_id,
      jsonb_build_object('status', status, 'role', role, 'owner', owner, 'source', source, 'deletedAt', deleted_at,
        'deactivations', deactivations, 'createdAt', created_at) as state, id as place, null::uuid as place_user
      from users where org_id = $1 and id > $2 and $3::uuid is not null order by id limit ${BATCH}`,
  },
  {
    select: `select 'group', null::uuid, id, null::uuid,
      jsonb_build_object('name', display_name, 'description', description, 'role', role, 'source', source,
        'createdAt', created_at, 'autoAssignPattern', auto_assign_pattern), id, null::uuid
      from groups where org_id = $1 and id > $2 and $3::uuid is not null order by id limit ${BATCH}`,
  },
  {
    select: `select 'membership', user_id, group_id, null::uuid,
      jsonb_build_object('inGroupRole', in_group_role, 'sources', sources, 'addedAt', added_at), group_id, user_id
      from group_members where org_id = $1 and (group_id, user_id) > ($2, $3) order by group_id, user_id limit ${BATCH}`,
  },
  {
    select: `select 'elevation', user_id, null::uuid, id,
      jsonb_build_object('role', role, 'state', state, 'startsAt', starts_at, 'expiresAt', expires_at,
        'endedAt', coalesce(ended_at, case when expiry_noted_at is not null then expires_at end),
        'deactivations', deactivations, 'requestedBy', requested_by, 'decidedBy', decided_by, 'createdAt', created_at),
      id, null::uuid
      from elevations where org_id = $1 and id > $2 and $3::uuid is not null order by id limit ${BATCH}`,
  },
  {
    select: `select 'grants', null::uuid, group_id, null::uuid,
      jsonb_agg(jsonb_build_object('resourceType', resource_type, 'resourceId', resource_id, 'tag', tag, 'level', level)
        order by resource_type, tag, resource_id, level), group_id, null::uuid
      from group_grants where org_id = $1 and group_id > $2 and $3::uuid is not null
      group by group_id order by group_id limit ${BATCH}`,
  },
];

const copies: readonly Statement[] = stages.map(({ select }, stage) => ({
  name: `history-snapshot-${stage}`,
  long: true,
  text: `with rows (kind, user_id, group_id, item_id, state, place, place_user) as materialized (${select}), h as (
      insert into history (org_id, seq, at, kind, user_id, group_id, item_id, position, state)
      select $1, -nextval('history_seq'), $4, kind, user_id, group_id, item_id, null, state from rows
    )
    select place, coalesce(place_user, '00000000-0000-0000-0000-000000000000') as "placeUser" from rows
    order by place desc, place_user desc limit 1`,
}));

const NOWHERE = '00000000-0000-0000-0000-000000000000';

const unfinished: Statement = {
  name: 'history-unfinished',
  text: 'select org_id as id from history_marks where complete_since is null order by org_id limit 1000',
};

/** Organizations whose history is not complete yet. */
export async function findUnfinished(db: Executor): Promise<readonly OrgId[]> {
  return (await db.query<{ id: OrgId }>(unfinished, [])).map(({ id }) => id);
}

const held: Statement = {
  name: 'history-mark-held',
  text: `select stage, after_id as "afterId", after_user as "afterUser" from history_marks
    where org_id = $1 and complete_since is null for update skip locked`,
};

const advance: Statement = {
  name: 'history-mark-advance',
  text: 'update history_marks set stage = $2, after_id = $3, after_user = $4 where org_id = $1',
};

const finish: Statement = {
  name: 'history-mark-finish',
  text: 'update history_marks set complete_since = $2 where org_id = $1',
};

/**
 * Writes the next batch of the states with which the history of an organization begins, and how far it is, in one
 * transaction: a worker that dies repeats nothing.
 * @param at ISO 8601
 * @returns false once the history is complete, or another worker is at it
 */
export function snapshotBatch(db: Database, org: OrgId, at: string): Promise<boolean> {
  return db.transaction('history', async (tx) => {
    const [mark] = await tx.query<{ stage: number; afterId: string; afterUser: string }>(held, [org]);
    if (mark === undefined) return false;
    const copy = copies[mark.stage];
    if (copy === undefined) {
      await tx.query(finish, [org, at]);
      return false;
    }
    const [last] = await tx.query<{ place: string; placeUser: string }>(copy, [
      org,
      mark.afterId,
      mark.afterUser,
      at,
    ]);
    await tx.query(
      advance,
      last === undefined
        ? [org, mark.stage + 1, NOWHERE, NOWHERE]
        : [org, mark.stage, last.place, last.placeUser],
    );
    return true;
  });
}

const since: Statement = {
  name: 'history-complete-since',
  text: 'select complete_since as since from history_marks where org_id = $1',
};

/** From when on the history of an organization is complete; undefined while its beginning is being written. */
export async function findCompleteSince(db: Executor, org: OrgId): Promise<string | undefined> {
  return (await db.query<{ since: string | null }>(since, [org]))[0]?.since ?? undefined;
}

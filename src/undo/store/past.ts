import type { OrgId, UserId } from '../../directory/ids.ts';
import { findKnownBefore, type PastChange } from '../../history/store/before.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { smallestUuidv7 } from '../../platform/ids.ts';
import type { Batch } from '../batch.ts';
import { type PresentState, placeOf } from '../rules/plan.ts';
import { GROUP_ACTIONS, type PastEvent, RELEVANT_ACTIONS, transitionsOf } from '../rules/transitions.ts';

/** Users or groups that one statement asks for. */
const CHUNK = 500;
/** Ids and times of one command are read from the clock one after the other. */
const SLACK_MS = 1_000;

const columns = `e.id, e.at, e.action, e.actor_type as "actorType", e.actor_id as "actorId", e.target_id as target,
  e.member_id as member, e.changes`;

const byConnection = (id: string) =>
  `e.actor_id = ${id}::text and e.actor_type = 'connection' and e.via = 'scim'`;
const byRequest = (id: string) => `e.request_id = ${id}::text`;

/**
 * The events of a batch, in the order of their ids.
 * @param most how many are read at most
 */
export function findBatch(db: Database, org: OrgId, batch: Batch, most: number): Promise<PastEvent[]> {
  const [from, to] = [Date.parse(batch.from), Date.parse(batch.to)];
  const values = [
    org,
    smallestUuidv7(from - SLACK_MS),
    smallestUuidv7(to + SLACK_MS),
    batch.from,
    batch.to,
    RELEVANT_ACTIONS,
    most,
    batch.kind === 'connection' ? batch.id : batch.requestId,
  ];
  const isOfBatch = batch.kind === 'connection' ? byConnection('$8') : byRequest('$8');
  return db.search<PastEvent>(
    `select ${columns}, true as "inBatch" from events e
      where e.org_id = $1 and e.id >= $2::uuid and e.id < $3::uuid and e.at >= $4 and e.at <= $5 and ${isOfBatch}
        and e.action = any($6::text[]) order by e.id limit $7`,
    values,
  );
}

/** Everything that happened to some users and groups since a time, by anyone, in no order. */
export async function findSince(
  db: Database,
  org: OrgId,
  { users, groups }: { readonly users: readonly string[]; readonly groups: readonly string[] },
  since: string,
): Promise<PastEvent[]> {
  const found = new Map<string, PastEvent>();
  const first = smallestUuidv7(Date.parse(since) - SLACK_MS);
  const read = async (ids: readonly string[], condition: string, actions: readonly string[]) => {
    for (let start = 0; start < ids.length; start += CHUNK) {
      const values = [org, ids.slice(start, start + CHUNK), first, since, actions];
      const rows = await db.search<PastEvent>(
        `select ${columns}, false as "inBatch" from unnest($2::uuid[]) as s (id) join events e
          on e.org_id = $1 and ${condition} and e.id >= $3::uuid and e.at >= $4 and e.action = any($5::text[])`,
        values,
      );
      for (const row of rows) found.set(row.id, row);
    }
  };
  await read(users, 'e.target_id = s.id', RELEVANT_ACTIONS);
  await read(users, 'e.member_id = s.id', RELEVANT_ACTIONS);
  await read(groups, 'e.target_id = s.id', GROUP_ACTIONS);
  return [...found.values()];
}

const attributesSince = (kind: string, isOfBatch: string): Statement => ({
  name: `undo-attributes-since-of-${kind}`,
  text: `select distinct a.name from events e, jsonb_array_elements_text(e.changes -> 'attributes') as a (name)
    where e.org_id = $1 and e.target_id = $2 and e.target_type = 'user' and e.id >= $3::uuid and e.at >= $4
      and e.request_id is distinct from $5 and not (e.at <= $6 and ${isOfBatch})`,
});
const sinceConnection = attributesSince('connection', byConnection('$7'));
const sinceRequest = attributesSince('request', byRequest('$7'));

/**
 * The attributes of a user that someone else has changed since a batch first did.
 * @param since ISO 8601 @param undo the request of the undo itself
 */
export async function findAttributesSince(
  tx: Executor,
  org: OrgId,
  user: UserId,
  batch: Batch,
  since: string,
  undo: string,
): Promise<readonly string[]> {
  const isConnection = batch.kind === 'connection';
  const values = [
    org,
    user,
    smallestUuidv7(Date.parse(since) - SLACK_MS),
    since,
    undo,
    batch.to,
    isConnection ? batch.id : batch.requestId,
  ];
  const rows = await tx.query<{ name: string }>(isConnection ? sinceConnection : sinceRequest, values);
  return rows.map(({ name }) => name);
}

/** The changes of a batch behind which something is to be restored that only history holds. */
function endingsOf(batch: readonly PastEvent[]): PastChange[] {
  return batch.flatMap((event) =>
    transitionsOf(event).flatMap(({ kind, user, group, from, to }) => {
      const ends = kind === 'membership' ? from !== 'none' : kind === 'group' && to === 'deleted';
      return ends && group !== null ? [{ group, user, at: event.at }] : [];
    }),
  );
}

/** What is so now of the users and groups that a batch changed, and what is known of what they were before it. */
export async function findPresent(
  db: Database,
  org: OrgId,
  { users, groups }: { readonly users: readonly string[]; readonly groups: readonly string[] },
  batch: readonly PastEvent[],
  since: string,
): Promise<PresentState> {
  const known = await findKnownBefore(db, org, endingsOf(batch));
  const state = {
    users: new Map<string, { status: string; role: string; owner: boolean; deleted: boolean }>(),
    groups: new Set<string>(),
    memberships: new Map<string, string>(),
    profiles: new Set<string>(),
    before: new Set(known.map(({ group, user, at }) => placeOf(group, user, at))),
  };
  for (let start = 0; start < users.length; start += CHUNK) {
    const some = users.slice(start, start + CHUNK);
    const rows = await db.search<{
      id: string;
      status: string;
      role: string;
      owner: boolean;
      deleted: boolean;
    }>(
      `select id, status, role, owner, deleted_at is not null as deleted from users where org_id = $1 and id = any($2::uuid[])`,
      [org, some],
    );
    for (const { id, ...user } of rows) state.users.set(id, user);
    const members = await db.search<{ place: string; role: string }>(
      `select group_id || ' ' || user_id as place, in_group_role as role from group_members
        where org_id = $1 and user_id = any($2::uuid[]) and group_id = any($3::uuid[])`,
      [org, some, groups],
    );
    for (const { place, role } of members) state.memberships.set(place, role);
    const kept = await db.search<{ user: string; at: string }>(
      `select user_id as user, at from previous_profiles where org_id = $1 and user_id = any($2::uuid[]) and at >= $3`,
      [org, some, since],
    );
    for (const { user, at } of kept) state.profiles.add(`${user} ${at}`);
  }
  for (let start = 0; start < groups.length; start += CHUNK) {
    const rows = await db.search<{ id: string }>(
      'select id from groups where org_id = $1 and id = any($2::uuid[])',
      [org, groups.slice(start, start + CHUNK)],
    );
    for (const { id } of rows) state.groups.add(id);
  }
  return state;
}

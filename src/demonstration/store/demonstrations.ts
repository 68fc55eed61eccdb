import type { OrgId, UserId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

export type DemonstrationState = 'loading' | 'ready' | 'removing' | 'failed';

export interface DemonstrationRow {
  readonly state: DemonstrationState;
  readonly percent: number;
  readonly loadedAt: string | null;
  /** Of the demonstration; null until its load has begun. */
  readonly id: OrgId | null;
  readonly name: string | null;
}

const byOrg: Statement = {
  name: 'demonstration-by-organization',
  text: `select m.state, m.percent, m.loaded_at as "loadedAt", o.id, o.name
    from demonstrations m left join organizations o on o.demonstration_of = m.org_id where m.org_id = $1`,
};

/** The demonstration that an organization has loaded, if any. */
export async function findDemonstration(db: Executor, org: OrgId): Promise<DemonstrationRow | undefined> {
  return (await db.query<DemonstrationRow>(byOrg, [org]))[0];
}

const begin: Statement = {
  name: 'demonstration-begin',
  text: `insert into demonstrations (org_id, state, requested_at) values ($1, 'loading', $2)
    on conflict (org_id) do update set state = 'loading', percent = 0, requested_at = $2, loaded_at = null
      where demonstrations.state = 'failed'
    returning state`,
};

/** @returns false if the organization has one */
export async function beginDemonstration(tx: Executor, org: OrgId, at: string): Promise<boolean> {
  return (await tx.query(begin, [org, at])).length > 0;
}

const progress: Statement = {
  name: 'demonstration-progress',
  text: `update demonstrations set percent = $2 where org_id = $1 and state = 'loading' returning state`,
};

/** @returns false if it is not to be loaded any more */
export async function writeProgress(db: Executor, org: OrgId, percent: number): Promise<boolean> {
  return (await db.query(progress, [org, percent])).length > 0;
}

const end: Statement = {
  name: 'demonstration-end-of-load',
  text: `update demonstrations set state = $2, percent = case when $2 = 'ready' then 100 else percent end,
      loaded_at = case when $2 = 'ready' then $3::timestamptz end
    where org_id = $1 and state = 'loading' returning state`,
};

/** @returns false if it is not to be loaded any more */
export async function writeLoaded(
  db: Executor,
  org: OrgId,
  state: 'ready' | 'failed',
  at: string,
): Promise<boolean> {
  return (await db.query(end, [org, state, at])).length > 0;
}

const removing: Statement = {
  name: 'demonstration-begin-removal',
  text: `with before as (select state from demonstrations where org_id = $1 for update)
    update demonstrations set state = 'removing', percent = 0 from before
    where org_id = $1 and before.state <> 'removing' returning before.state`,
};

/** @returns what it was before; undefined if there is none, or it is being removed */
export async function beginRemoval(tx: Executor, org: OrgId): Promise<DemonstrationState | undefined> {
  return (await tx.query<{ state: DemonstrationState }>(removing, [org]))[0]?.state;
}

const forget: Statement = {
  name: 'demonstration-forget',
  text: `delete from demonstrations where org_id = $1 and state = 'removing'
    and not exists (select from organizations where demonstration_of = $1)`,
};

export async function forgetDemonstration(db: Executor, org: OrgId): Promise<void> {
  await db.query(forget, [org]);
}

const marked: Statement = {
  name: 'demonstration-of',
  text: 'select id from organizations where demonstration_of = $1',
};

/** The demonstration of an organization, also one that is half loaded. */
export async function findDemonstrationOf(db: Executor, org: OrgId): Promise<OrgId | undefined> {
  return (await db.query<{ id: OrgId }>(marked, [org]))[0]?.id;
}

const owner: Statement = {
  name: 'demonstration-owner',
  text: `select id from users where org_id = $1 and owner and role = 'admin' and status = 'active' and deleted_at is null
    order by id limit 1`,
};

/** Whom a session in the demonstration is of: the owner who was there first. */
export async function findDemonstrationOwner(db: Executor, org: OrgId): Promise<UserId | undefined> {
  return (await db.query<{ id: UserId }>(owner, [org]))[0]?.id;
}

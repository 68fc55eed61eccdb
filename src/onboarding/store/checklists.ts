import type { OrgId, UserId } from '../../directory/ids.ts';
import { referenceTo } from '../../directory/store/references.ts';
import type { Reference } from '../../directory/users/reference.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

const done: Statement = {
  name: 'checklist-item-done',
  text: 'select exists (select from checklist_items where org_id = $1 and user_id = $2 and item = $3) as done',
};

const ofUser: Statement = {
  name: 'checklist-of-user',
  text: `select c.item, c.done_at as "doneAt", ${referenceTo('c.org_id', 'c.done_by')} as doer
    from checklist_items c
    where c.org_id = $1 and c.user_id = $2`,
};

/** An item that is done. */
export interface DoneItem {
  readonly item: string;
  /** ISO 8601 */
  readonly doneAt: string;
  readonly doer: Reference;
}

/** What a user has done of the onboarding checklist. */
export function findDoneItems(db: Executor, org: OrgId, user: UserId): Promise<DoneItem[]> {
  return db.query<DoneItem>(ofUser, [org, user]);
}

const tick: Statement = {
  name: 'checklist-tick',
  text: `insert into checklist_items (org_id, user_id, item, done_at, done_by) values ($1, $2, $3, $4, $5)
    on conflict (org_id, user_id, item) do nothing returning item`,
};

/** @returns false if it was done already: then who did it first stays */
export async function tickItem(
  tx: Executor,
  org: OrgId,
  user: UserId,
  item: string,
  by: UserId,
  at: string,
): Promise<boolean> {
  return (await tx.query(tick, [org, user, item, at, by])).length > 0;
}

const untick: Statement = {
  name: 'checklist-untick',
  text: 'delete from checklist_items where org_id = $1 and user_id = $2 and item = $3 returning item',
};

/** @returns false if it was not done */
export async function untickItem(tx: Executor, org: OrgId, user: UserId, item: string): Promise<boolean> {
  return (await tx.query(untick, [org, user, item])).length > 0;
}

/** Whether a user has done an item of the onboarding checklist. */
export async function isItemDone(tx: Executor, org: OrgId, user: UserId, item: string): Promise<boolean> {
  return (await tx.query<{ done: boolean }>(done, [org, user, item]))[0]?.done === true;
}

const doneBy: Statement = {
  name: 'checklist-item-done-by',
  text: `select user_id as "user" from checklist_items where org_id = $1 and user_id = any($2::uuid[]) and item = $3`,
};

/** Which of several users have done an item. */
export async function findDoers(
  tx: Executor,
  org: OrgId,
  users: readonly UserId[],
  item: string,
): Promise<ReadonlySet<UserId>> {
  const rows = await tx.query<{ user: UserId }>(doneBy, [org, users, item]);
  return new Set(rows.map(({ user }) => user));
}

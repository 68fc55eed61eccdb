import type { OrgId } from '../../directory/ids.ts';
import { referenceTo } from '../../directory/store/references.ts';
import type { Reference } from '../../directory/users/reference.ts';
import { countEndedWith, lastNameOf } from '../../history/store/before.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { ItemResult, PlannedItem } from '../rules/plan.ts';

/** An item as it is stored, with the names of today. */
export interface StoredItem {
  readonly number: number;
  readonly item: PlannedItem;
  readonly result: ItemResult;
  readonly code: string | null;
  readonly message: string | null;
  readonly done: boolean;
  readonly user: Reference | null;
  /** Of a group that is deleted the name that it had. */
  readonly groupName: string | null;
  /** What a user who comes back has. */
  readonly role: string | null;
  readonly groups: number;
}

const itemTime = `(i.item ->> 'at')::timestamptz`;
const columns = `i.number, i.item, i.result, i.code, i.message, i.done_at is not null as done,
  case when i.user_id is not null then ${referenceTo('i.org_id', 'i.user_id')} end as "user",
  coalesce((select g.display_name from groups g where g.org_id = i.org_id and g.id = i.group_id),
    ${lastNameOf('i.org_id', 'i.group_id')}) as "groupName",
  (select u.role from users u where u.org_id = i.org_id and u.id = i.user_id) as role,
  case when i.kind in ('status', 'account') then
    (select count(*)::integer from group_members m where m.org_id = i.org_id and m.user_id = i.user_id)
  when i.kind = 'group' then ${countEndedWith('i.org_id', 'i.group_id', itemTime)} else 0 end as groups`;

const insert: Statement = {
  name: 'undo-items-insert',
  text: `insert into undo_items (org_id, undo_id, number, kind, user_id, group_id, item, result, code)
    select $1, $2, number, kind, user_id, group_id, item::jsonb, result, code
    from unnest($3::int[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[])
      as i (number, kind, user_id, group_id, item, result, code)`,
};

/** Writes the items of a preview, which are numbered from 1. */
export async function insertItems(
  tx: Executor,
  org: OrgId,
  undo: string,
  items: readonly PlannedItem[],
): Promise<void> {
  await tx.query(insert, [
    org,
    undo,
    items.map((_, place) => place + 1),
    items.map(({ kind }) => kind),
    items.map(({ user }) => user),
    items.map(({ group }) => group),
    items.map((item) => JSON.stringify(item)),
    items.map(({ skip }) => (skip === undefined ? 'undo' : 'skip')),
    items.map(({ skip }) => skip?.code ?? null),
  ]);
}

const page: Statement = {
  name: 'undo-items-page',
  text: `select ${columns} from undo_items i where i.org_id = $1 and i.undo_id = $2 and i.number > $3
    and ($4::text is null or i.result = $4) order by i.number limit $5`,
};

/** Items in the order in which they are carried out. */
export function findItems(
  db: Executor,
  org: OrgId,
  undo: string,
  {
    after,
    limit,
    result,
  }: { readonly after: number; readonly limit: number; readonly result: ItemResult | undefined },
): Promise<StoredItem[]> {
  return db.query<StoredItem>(page, [org, undo, after, result ?? null, limit]);
}

const next: Statement = {
  name: 'undo-items-next',
  text: `select number, item from undo_items where org_id = $1 and undo_id = $2 and done_at is null
    order by number limit 1`,
};

/** The first item that is not done. Under the organization's lock no other worker has it. */
export async function findNextItem(
  tx: Executor,
  org: OrgId,
  undo: string,
): Promise<Pick<StoredItem, 'number' | 'item'> | undefined> {
  return (await tx.query<Pick<StoredItem, 'number' | 'item'>>(next, [org, undo]))[0];
}

/** What became of an item. */
export interface ItemOutcome {
  readonly result: ItemResult;
  readonly code?: string;
  readonly message?: string;
}

const done: Statement = {
  name: 'undo-items-done',
  text: `update undo_items set result = $4, code = $5, message = $6, done_at = $7
    where org_id = $1 and undo_id = $2 and number = $3 and done_at is null`,
};

/** Writes what became of an item, in the transaction of just that. */
export async function writeItemDone(
  tx: Executor,
  org: OrgId,
  undo: string,
  number: number,
  { result, code, message }: ItemOutcome,
  at: string,
): Promise<void> {
  await tx.query(done, [org, undo, number, result, code ?? null, message ?? null, at]);
}

const tally: Statement = {
  name: 'undo-items-tally',
  text: `select i.undo_id as undo, i.kind, i.item ->> 'from' as "from", i.item ->> 'to' as "to", i.result, i.code,
      count(*)::integer as items, count(i.done_at)::integer as done,
      coalesce(sum(case when i.kind = 'group' and i.item ->> 'to' = 'deleted' then
        ${countEndedWith('$1', 'i.group_id', itemTime)} end), 0)::integer as members
    from undo_items i where i.org_id = $1 and i.undo_id = any($2::uuid[])
    group by i.undo_id, i.kind, i.item ->> 'from', i.item ->> 'to', i.result, i.code`,
};

/** How many items some undos have, of each kind and result. */
export interface ItemTally {
  readonly undo: string;
  readonly kind: PlannedItem['kind'];
  readonly from: string | null;
  readonly to: string | null;
  readonly result: ItemResult;
  readonly code: string | null;
  readonly items: number;
  readonly done: number;
  /** Of groups that come back: the members that they had. */
  readonly members: number;
}

export function tallyItems(db: Executor, org: OrgId, undos: readonly string[]): Promise<ItemTally[]> {
  return db.query<ItemTally>(tally, [org, undos]);
}

const open: Statement = {
  name: 'undo-items-open',
  text: `select count(*)::integer as changes from undo_items where org_id = $1 and undo_id = $2 and result = 'undo'`,
};

/** How many items of an undo are to be carried out. */
export async function countOpenItems(tx: Executor, org: OrgId, id: string): Promise<number> {
  return (await tx.query<{ changes: number }>(open, [org, id]))[0]?.changes ?? 0;
}

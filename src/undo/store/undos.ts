import type { OrgId, UserId } from '../../directory/ids.ts';
import type { Principal } from '../../directory/roles/find-authority.ts';
import { referenceTo } from '../../directory/store/references.ts';
import type { Reference } from '../../directory/users/reference.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { Batch } from '../batch.ts';

export type UndoState = 'preview' | 'running' | 'done';

/** An undo as it is stored. Times are ISO 8601. */
export interface StoredUndo {
  readonly id: string;
  readonly batch: Batch;
  readonly state: UndoState;
  readonly token: string;
  readonly reason: string | null;
  readonly keys: boolean;
  readonly createdBy: UserId;
  readonly creator: Reference | null;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly confirmedBy: Principal | null;
  readonly confirmedAt: string | null;
  readonly finishedAt: string | null;
}

const columns = `u.id, u.batch, u.state, u.token, u.reason, u.keys, u.created_by as "createdBy",
  ${referenceTo('u.org_id', 'u.created_by')} as creator, u.created_at as "createdAt", u.expires_at as "expiresAt",
  u.confirmed_by as "confirmedBy", u.confirmed_at as "confirmedAt", u.finished_at as "finishedAt"`;

const insert: Statement = {
  name: 'undo-insert',
  text: `insert into undos (org_id, id, batch, state, token, created_by, created_at, expires_at)
    values ($1, $2, $3::jsonb, 'preview', $4, $5, $6, $7)`,
};

export interface NewUndo {
  readonly id: string;
  readonly batch: Batch;
  readonly token: string;
  readonly createdBy: UserId;
  readonly expiresAt: string;
}

/** Writes a preview, without its items. */
export async function insertUndo(tx: Executor, org: OrgId, made: NewUndo, at: string): Promise<void> {
  const { id, batch, token, createdBy, expiresAt } = made;
  await tx.query(insert, [org, id, JSON.stringify(batch), token, createdBy, at, expiresAt]);
}

const byId: Statement = {
  name: 'undo-by-id',
  text: `select ${columns} from undos u where u.org_id = $1 and u.id = $2`,
};

export async function findUndo(db: Executor, org: OrgId, id: string): Promise<StoredUndo | undefined> {
  return (await db.query<StoredUndo>(byId, [org, id]))[0];
}

const list: Statement = {
  name: 'undo-list',
  text: `select ${columns} from undos u where u.org_id = $1 and u.state <> 'preview' and ($2::uuid is null or u.id < $2)
    order by u.id desc limit $3`,
};

/** Undos that were confirmed, the newest first. */
export function listUndos(
  db: Executor,
  org: OrgId,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<StoredUndo[]> {
  return db.query<StoredUndo>(list, [org, page.after ?? null, page.limit]);
}

const confirm: Statement = {
  name: 'undo-confirm',
  text: `with u as (
      update undos set state = 'running', confirmed_at = $3, confirmed_by = $4::jsonb, reason = $5, keys = $6
      where org_id = $1 and id = $2 returning id
    )
    update undo_items i set done_at = $3 from u where i.org_id = $1 and i.undo_id = u.id and i.result = 'skip'`,
};

/** Starts a preview; what stays as it is counts as done. */
export async function writeUndoConfirmed(
  tx: Executor,
  org: OrgId,
  id: string,
  by: Principal,
  { reason, keys }: { readonly reason: string | undefined; readonly keys: boolean },
  at: string,
): Promise<void> {
  await tx.query(confirm, [org, id, at, JSON.stringify(by), reason ?? null, keys]);
}

const finish: Statement = {
  name: 'undo-finish',
  text: `update undos set state = 'done', finished_at = $3, reason = null
    where org_id = $1 and id = $2 and state = 'running' returning id`,
};

/** Ends an undo. The reason stays in its event, from which erasure can take it. @returns false if it has ended */
export async function writeUndoFinished(tx: Executor, org: OrgId, id: string, at: string): Promise<boolean> {
  return (await tx.query(finish, [org, id, at])).length > 0;
}

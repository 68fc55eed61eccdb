import type { OrgId, UserId } from '../../directory/ids.ts';
import type { Principal } from '../../directory/roles/find-authority.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { ImportPolicy } from '../rules.ts';

export type ImportState = 'preview' | 'running' | 'done';

/** An import as it is stored. Times are ISO 8601. */
export interface StoredImport {
  readonly id: string;
  readonly fileName: string;
  readonly header: readonly string[];
  readonly onDuplicate: ImportPolicy;
  readonly state: ImportState;
  readonly createdBy: UserId;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly confirmedAt: string | null;
  readonly confirmedBy: Principal | null;
  readonly publicUrl: string | null;
  readonly finishedAt: string | null;
}

const columns = `id, file_name as "fileName", header, on_duplicate as "onDuplicate", state, created_by as "createdBy",
  created_at as "createdAt", expires_at as "expiresAt", confirmed_at as "confirmedAt", confirmed_by as "confirmedBy",
  public_url as "publicUrl", finished_at as "finishedAt"`;

const insert: Statement = {
  name: 'import-insert',
  text: `insert into imports (org_id, id, file_name, file_hash, header, on_duplicate, state, created_by, created_at, expires_at)
    values ($1, $2, $3, $4, $5::jsonb, $6, 'preview', $7, $8, $9)`,
};

export interface NewImport {
  readonly id: string;
  readonly fileName: string;
  readonly fileHash: Buffer;
  readonly header: readonly string[];
  readonly onDuplicate: ImportPolicy;
  readonly createdBy: UserId;
  readonly expiresAt: string;
}

/** Writes a preview, without its rows. */
export async function insertImport(tx: Executor, org: OrgId, made: NewImport, at: string): Promise<void> {
  await tx.query(insert, [
    org,
    made.id,
    made.fileName,
    made.fileHash,
    JSON.stringify(made.header),
    made.onDuplicate,
    made.createdBy,
    at,
    made.expiresAt,
  ]);
}

const byId: Statement = {
  name: 'import-by-id',
  text: `select ${columns} from imports where org_id = $1 and id = $2`,
};

export async function findImport(db: Executor, org: OrgId, id: string): Promise<StoredImport | undefined> {
  return (await db.query<StoredImport>(byId, [org, id]))[0];
}

const list: Statement = {
  name: 'import-list',
  text: `select ${columns} from imports where org_id = $1 and ($2::uuid is null or id < $2)
    and ($3::text[] is null or state = any($3)) order by id desc limit $4`,
};

/** Imports, the newest first. */
export function listImports(
  db: Executor,
  org: OrgId,
  page: {
    readonly states: readonly ImportState[] | undefined;
    readonly after: string | undefined;
    readonly limit: number;
  },
): Promise<StoredImport[]> {
  return db.query<StoredImport>(list, [org, page.after ?? null, page.states ?? null, page.limit]);
}

const runningByFile: Statement = {
  name: 'import-running-by-file',
  text: `select id from imports where org_id = $1 and state = 'running' and file_hash = $2 and created_by = $3
    order by id desc limit 1`,
};

/** The import of this very file that a user began and that is not at its end. */
export async function findRunningImport(
  db: Executor,
  org: OrgId,
  fileHash: Buffer,
  by: UserId,
): Promise<string | undefined> {
  return (await db.query<{ id: string }>(runningByFile, [org, fileHash, by]))[0]?.id;
}

const setPolicy: Statement = {
  name: 'import-set-policy',
  text: `update imports set on_duplicate = $3 where org_id = $1 and id = $2`,
};

export async function writeImportPolicy(
  tx: Executor,
  org: OrgId,
  id: string,
  policy: ImportPolicy,
): Promise<void> {
  await tx.query(setPolicy, [org, id, policy]);
}

const confirm: Statement = {
  name: 'import-confirm',
  text: `with i as (
      update imports set state = 'running', confirmed_at = $3, confirmed_by = $4::jsonb, public_url = $5
      where org_id = $1 and id = $2
      returning id
    )
    update import_rows r set done_at = $3 from i
    where r.org_id = $1 and r.import_id = i.id and r.result in ('skip', 'error')`,
};

/** Starts a preview; rows that change nothing are marked done. */
export async function writeImportConfirmed(
  tx: Executor,
  org: OrgId,
  id: string,
  by: Principal,
  publicUrl: string,
  at: string,
): Promise<void> {
  await tx.query(confirm, [org, id, at, JSON.stringify(by), publicUrl]);
}

const finish: Statement = {
  name: 'import-finish',
  text: `update imports set state = 'done', finished_at = $3 where org_id = $1 and id = $2 and state = 'running' returning id`,
};

/** @returns false if another user has ended it */
export async function writeImportFinished(
  tx: Executor,
  org: OrgId,
  id: string,
  at: string,
): Promise<boolean> {
  return (await tx.query(finish, [org, id, at])).length > 0;
}

const remove: Statement = {
  name: 'import-delete',
  text: 'delete from imports where org_id = $1 and id = $2',
};

/** Deletes an import with its rows; the users that it created stay. */
export async function deleteImport(tx: Executor, org: OrgId, id: string): Promise<void> {
  await tx.query(remove, [org, id]);
}

const taken: Statement = {
  name: 'import-taken-addresses',
  text: `select id, user_name_key as key, 1 as place from users where org_id = $1 and user_name_key = any($2::text[])
    union all
    select id, email_key, 2 from users where org_id = $1 and email_key = any($2::text[])
    union all
    select u.id, k.email_key, 0 from user_email_keys k join users u on u.org_id = $1 and u.id = k.user_id
      where k.org_id = $1 and k.email_key = any($2::text[]) and u.shared_email_key = k.email_key
    order by place`,
};

/** Who has these addresses, as e-mail or else as userName: by the address's key. */
export async function findHolders(
  tx: Executor,
  org: OrgId,
  keys: readonly string[],
): Promise<ReadonlyMap<string, UserId>> {
  const rows = await tx.query<{ id: UserId; key: string }>(taken, [org, keys]);
  return new Map(rows.map(({ id, key }) => [key, id]));
}

import type { OrgId, UserId } from '../../directory/ids.ts';
import type { Scope } from '../../directory/roles/rules/permissions.ts';
import { historyTime } from '../../directory/store/fragments.ts';
import { referenceTo } from '../../directory/store/references.ts';
import type { Reference } from '../../directory/users/reference.ts';
import type { Database } from '../../platform/db/database.ts';
import { builder, type IdPage, pageById, runQuery } from '../../platform/db/query-builder.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { Editable } from './rules.ts';

const countOwned: Statement = {
  name: 'resources-count-owned',
  text: 'select count(*) as owned from resources where org_id = $1 and owner_id = $2',
};

export async function countOwnedResources(db: Executor, org: OrgId, owner: UserId): Promise<number> {
  return (await db.query<{ owned: number }>(countOwned, [org, owner]))[0]?.owned ?? 0;
}

const transfer: Statement = {
  name: 'resources-transfer',
  text: `update resources set owner_id = $3, version = version + 1, updated_at = $5
    where org_id = $1 and owner_id = $2 and ($4::uuid[] is null or id = any($4)) returning id`,
};

/** Gives what one user owns, all of it or some, to another. @returns the ids of what changed hands */
export async function transferResources(
  tx: Executor,
  org: OrgId,
  from: UserId,
  to: UserId,
  only: readonly string[] | undefined,
  at: string,
): Promise<string[]> {
  return (await tx.query<{ id: string }>(transfer, [org, from, to, only ?? null, at])).map(({ id }) => id);
}

const types: Statement = {
  name: 'resource-types',
  text: 'select id, type from resources where org_id = $1 and id = any($2::uuid[])',
};

/** The types of some resources, by id; those that are not there are left out. */
export async function findResourceTypes(
  tx: Executor,
  org: OrgId,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ id: string; type: string }>(types, [org, ids]);
  return new Map(rows.map(({ id, type }) => [id, type]));
}

/** Something that the host product has. Times are ISO 8601. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly ownerId: UserId | null;
  readonly owner: Reference | null;
  readonly tags: readonly string[];
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

const columns = `id, type, name, owner_id as "ownerId", ${referenceTo('resources.org_id', 'resources.owner_id')} as owner,
  tags, version, created_at as "createdAt", updated_at as "updatedAt"`;

const byId: Statement = {
  name: 'resource-by-id',
  text: `select ${columns} from resources where org_id = $1 and id = $2`,
};

export async function findResource(db: Executor, org: OrgId, id: string): Promise<Resource | undefined> {
  return (await db.query<Resource>(byId, [org, id]))[0];
}

const kind = `case when type = 'data_source' then 'data_source' else 'agent' end`;

/** Filters of the list of resources. */
export interface ResourceFilter {
  readonly owner?: UserId | undefined;
  readonly type?: string | undefined;
  readonly tag?: string | undefined;
}

/** Those of the resources that a user may edit, in the order of their ids. */
export function listResources(
  db: Database,
  org: OrgId,
  { owner, type, tag }: ResourceFilter,
  { of, editable }: { readonly of: UserId; readonly editable: Editable },
  page: IdPage,
): Promise<Resource[]> {
  const reached = (scope: Scope) =>
    Object.entries(editable.scopes).flatMap(([subject, reach]) => (reach === scope ? [subject] : []));
  const tagged = editable.grants.filter((grant) => grant.tag !== null);
  const query = builder('resources').select(builder.raw(columns)).whereRaw('org_id = $1');
  if (owner !== undefined) query.where('owner_id', owner);
  if (type !== undefined) query.where('type', type);
  if (tag !== undefined) query.whereRaw('? = any (tags)', [tag]);
  query.whereRaw(
    `(${kind} = any (?::text[]) or (owner_id = ? and ${kind} = any (?::text[])) or id = any (?::uuid[])
      or exists (select from unnest(?::text[], ?::text[]) as granted (type, tag)
        where granted.type = resources.type and granted.tag = any (resources.tags)))`,
    [
      reached('all'),
      of,
      reached('own'),
      editable.grants.flatMap(({ resourceId }) => resourceId ?? []),
      tagged.map(({ resourceType }) => resourceType),
      tagged.map((grant) => grant.tag),
    ] as never,
  );
  return runQuery<Resource>(db, [org], pageById(query, 'id', 'asc', page));
}

const insert: Statement = {
  name: 'resource-insert',
  text: `insert into resources (org_id, id, type, name, owner_id, tags, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $7)`,
};

/** The fields of a resource. */
export interface ResourceInput {
  readonly name: string;
  readonly owner: UserId | null;
  readonly tags: readonly string[];
}

export async function insertResource(
  tx: Executor,
  org: OrgId,
  id: string,
  type: string,
  { name, owner, tags }: ResourceInput,
  at: string,
): Promise<void> {
  await tx.query(insert, [org, id, type, name, owner, tags, at]);
}

const update: Statement = {
  name: 'resource-update',
  text: `update resources set name = $3, owner_id = $4, tags = $5, version = version + 1, updated_at = $6
    where org_id = $1 and id = $2`,
};

export async function updateResource(
  tx: Executor,
  org: OrgId,
  id: string,
  { name, owner, tags }: ResourceInput,
  at: string,
): Promise<void> {
  await tx.query(update, [org, id, name, owner, tags, at]);
}

const remove: Statement = {
  name: 'resource-delete',
  text: `delete from resources where org_id = $1 and id = $2 returning ${historyTime('$3')}`,
};

export async function deleteResource(tx: Executor, org: OrgId, id: string, at: string): Promise<void> {
  await tx.query(remove, [org, id, at]);
}

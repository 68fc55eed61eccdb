import type { OrgId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

/** Rows that one statement deletes: no lock is held for long. */
const BATCH = 2_000;

/**
 * Every table that has rows of organizations, whatever feature it is of: those that refer to others first, as far as they do
 * not refer to each other. What refers to a user or a group goes before them.
 */
const tables = `
  with recursive tables as (
    select t.oid, t.relname::text as name from pg_class t join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = 'public' and t.relkind in ('r', 'p') and not t.relispartition and t.relname <> 'demonstrations'
      and exists (select from pg_attribute a where a.attrelid = t.oid and a.attname = 'org_id' and not a.attisdropped)
  ), links as (
    select distinct conrelid as child, confrelid as parent from pg_constraint
    where contype = 'f' and conrelid <> confrelid and conparentid = 0
  ), depths as (
    select oid, name, 0 as depth from tables
    union
    select t.oid, t.name, d.depth + 1 from depths d join links l on l.child = d.oid
      join tables t on t.oid = l.parent where d.depth < 12
  )
  select name from depths group by name order by max(depth), name`;

/** The names of all tables with rows of organizations, in the order in which they are emptied. */
export async function findOrganizationTables(db: Database): Promise<readonly string[]> {
  return (await db.search<{ name: string }>(tables, [])).map(({ name }) => name);
}

/** The condition stands in each statement: none of them can delete a row of an organization that is no demonstration. */
const ofDemonstration = 'exists (select from organizations o where o.id = $1 and o.demonstration_of = $2)';

const emptyTable = (table: string): Statement => ({
  name: `demonstration-empty-${table}`,
  text: `delete from "${table}" where org_id = $1 and ${ofDemonstration} and (tableoid, ctid) in (
      select tableoid, ctid from "${table}" where org_id = $1 limit ${BATCH})
    returning 1 as removed`,
});

/**
 * Deletes some rows of a demonstration from a table.
 * @param table of `findOrganizationTables` @param loader the organization that loaded the demonstration
 * @returns how many; fewer than a batch if none is left
 */
export async function emptyOfDemonstration(
  db: Executor,
  table: string,
  demonstration: OrgId,
  loader: OrgId,
): Promise<{ readonly rows: number; readonly isEmpty: boolean }> {
  const rows = (await db.query(emptyTable(table), [demonstration, loader])).length;
  return { rows, isEmpty: rows < BATCH };
}

const organization: Statement = {
  name: 'demonstration-delete-organization',
  text: 'delete from organizations where id = $1 and demonstration_of = $2 returning id',
};

/** Deletes the demonstration itself, of which no table has a row any more. */
export async function deleteDemonstration(db: Executor, demonstration: OrgId, loader: OrgId): Promise<void> {
  await db.query(organization, [demonstration, loader]);
}

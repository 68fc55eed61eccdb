import type { Knex } from 'knex';

/** Built beside the writers, which takes no transaction around it. */
export const config = { transaction: false };

/**
 * An event's target and actor, so that the events of a user are found among any number of events. The
 * indexes are partial because members are added by the thousand: such an event enters one of them.
 */
const indexes = [
  ['target', '(org_id, target_id, at)', "where target_type = 'user'"],
  ['member', '(org_id, member_id, at)', 'where member_id is not null'],
  ['actor', "(org_id, (actor ->> 'id'), at)", "where actor ->> 'type' = 'user'"],
] as const;

export async function up(knex: Knex): Promise<void> {
  for (const [name, columns, where] of indexes) {
    await knex.raw(`create index if not exists events__${name} on only events ${columns} ${where}`);
    for (const partition of await partitionsWithout(knex, name)) {
      const index = `${partition}__${name}`;
      // A build that was interrupted leaves an index that is not valid.
      await knex.raw(`drop index if exists ${index}`);
      await knex.raw(`create index concurrently ${index} on ${partition} ${columns} ${where}`);
      await knex.raw(`alter index events__${name} attach partition ${index}`);
    }
  }
}

export async function down(knex: Knex): Promise<void> {
  for (const [name] of indexes) await knex.raw(`drop index events__${name}`);
}

async function partitionsWithout(knex: Knex, index: string): Promise<string[]> {
  const { rows } = await knex.raw<{ rows: { partition: string }[] }>(
    `select i.inhrelid::regclass::text as partition from pg_inherits i
     where i.inhparent = 'events'::regclass and not exists (
       select from pg_inherits ii join pg_index x on x.indexrelid = ii.inhrelid
       where ii.inhparent = ?::regclass and x.indrelid = i.inhrelid
     ) order by 1`,
    [`events__${index}`],
  );
  return rows.map(({ partition }) => partition);
}

import type { Knex } from 'knex';

/** Built beside the writers, which takes no transaction around it. */
export const config = { transaction: false };

/**
 * Within an organization, events are listed newest first by actor, target, other party and action; the primary key
 * lists them by time, since an id begins with it. `feed` is the order in which consumers read (ADR 0031).
 */
const indexes = [
  ['actor_id', '(org_id, actor_id, id)', ''],
  ['target_id', '(org_id, target_id, id)', ''],
  ['member_id', '(org_id, member_id, id)', 'where member_id is not null'],
  ['action', '(org_id, action, id)', ''],
  ['feed', '(org_id, feed_position, id)', ''],
] as const;

/** What migration 0050 made, each a part of one of these. */
const replaced = ['target', 'member', 'actor'];

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
  for (const name of replaced) await knex.raw(`drop index if exists events__${name}`);
}

export async function down(knex: Knex): Promise<void> {
  for (const [name] of indexes) await knex.raw(`drop index events__${name}`);
  for (const [name, columns, where] of [
    ['target', '(org_id, target_id, at)', "where target_type = 'user'"],
    ['member', '(org_id, member_id, at)', 'where member_id is not null'],
    ['actor', "(org_id, (actor ->> 'id'), at)", "where actor ->> 'type' = 'user'"],
  ]) {
    await knex.raw(`create index events__${name} on events ${columns} ${where}`);
  }
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

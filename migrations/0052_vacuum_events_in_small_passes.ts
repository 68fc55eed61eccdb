import type { Knex } from 'knex';

/**
 * Events are only ever added. By default Postgres vacuums a month after a fifth of it is new: at 10 million events that
 * is a pass over 59,000 pages, of which 46,000 come from the disk and push other tables out of memory. After every
 * 200,000 events it is 5,900 pages, which are still in memory; rows are frozen in that pass, so that none reads the
 * month again, and statistics are accepted five times less often.
 */
const settings = {
  autovacuum_vacuum_insert_threshold: 200_000,
  autovacuum_vacuum_insert_scale_factor: 0,
  autovacuum_freeze_min_age: 0,
  autovacuum_analyze_scale_factor: 0.5,
};

export async function up(knex: Knex): Promise<void> {
  const list = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  for (const partition of await partitions(knex)) {
    await knex.raw(`alter table ${partition} set (${list.join(', ')})`);
  }
}

export async function down(knex: Knex): Promise<void> {
  for (const partition of await partitions(knex)) {
    await knex.raw(`alter table ${partition} reset (${Object.keys(settings).join(', ')})`);
  }
}

async function partitions(knex: Knex): Promise<string[]> {
  const { rows } = await knex.raw<{ rows: { partition: string }[] }>(
    `select inhrelid::regclass::text as partition from pg_inherits where inhparent = 'events'::regclass order by 1`,
  );
  return rows.map(({ partition }) => partition);
}

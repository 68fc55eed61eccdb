import { setTimeout as delay } from 'node:timers/promises';
import type { Knex } from 'knex';

/** Built beside the writers, which takes no transaction around it. */
export const config = { transaction: false };

/**
 * The primary key has the time before the id, and so takes the place of the index by time, too: an event enters the page
 * that the event before it entered, instead of any page of its month (ADR 0055). Indexes are built beside the writers;
 * the keys change in one transaction, which reads no row.
 */
export async function up(knex: Knex): Promise<void> {
  const partitions = await partitionsOf(knex);
  for (const partition of partitions) await buildKey(knex, partition);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await changeKeys(knex, partitions);
      return;
    } catch (error) {
      const locked = (error as { readonly code?: string }).code === LOCK_NOT_AVAILABLE;
      if (!locked || attempt === ATTEMPTS) throw error;
      await delay(PAUSE_MS);
    }
  }
}

/** Batches that come while the table is wanted wait behind it: so long at most, and then have a pause. */
const LOCK_TIMEOUT = '200ms';
const PAUSE_MS = 1_000;
const ATTEMPTS = 120;
const LOCK_NOT_AVAILABLE = '55P03';

async function changeKeys(knex: Knex, partitions: readonly string[]): Promise<void> {
  await knex.transaction(async (trx) => {
    await trx.raw(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
    await trx.raw('lock table activity_events in access exclusive mode');
    await trx.raw('alter table activity_events drop constraint activity_events__id');
    await trx.raw('drop index activity_events__at');
    for (const partition of await partitionsOf(trx)) {
      // One that was made meanwhile is empty.
      if (!partitions.includes(partition)) await trx.raw(buildIndex(partition));
      await trx.raw(`alter table ${partition} add primary key using index ${partition}__key`);
    }
    await trx.raw(
      'alter table activity_events add constraint activity_events__key primary key (org_id, at, id)',
    );
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table activity_events drop constraint activity_events__key');
  await knex.raw(
    'alter table activity_events add constraint activity_events__id primary key (org_id, id, at)',
  );
  await knex.raw('create index activity_events__at on activity_events (org_id, at, id)');
}

const buildIndex = (partition: string, concurrently = '') =>
  `create unique index ${concurrently} ${partition}__key on ${partition} (org_id, at, id)`;

async function buildKey(knex: Knex, partition: string): Promise<void> {
  const { rows } = await knex.raw<{ rows: { valid: boolean }[] }>(
    'select indisvalid as valid from pg_index where indexrelid = to_regclass(?)',
    [`${partition}__key`],
  );
  if (rows[0]?.valid) return;
  // A build that was interrupted leaves an index that is not valid.
  await knex.raw(`drop index if exists ${partition}__key`);
  await knex.raw(buildIndex(partition, 'concurrently'));
}

async function partitionsOf(knex: Knex): Promise<string[]> {
  const { rows } = await knex.raw<{ rows: { partition: string }[] }>(
    `select inhrelid::regclass::text as partition from pg_inherits
     where inhparent = 'activity_events'::regclass order by 1`,
  );
  return rows.map(({ partition }) => partition);
}

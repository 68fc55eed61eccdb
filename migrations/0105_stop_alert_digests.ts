import type { Knex } from 'knex';

/** Alerts go with the digest of all topics: the job of their own has no worker any more. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`delete from jobs where kind = 'mail_alert_digest'`);
}

/** An older version schedules its job again when it starts. */
export async function down(): Promise<void> {}

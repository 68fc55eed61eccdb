import type { Knex } from 'knex';

/** The job that mails an invitation; `sent_at` is null until the mail server has accepted it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table invitations add column mail_id uuid, alter column sent_at drop not null');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('update invitations set sent_at = created_at where sent_at is null');
  await knex.raw('alter table invitations drop column mail_id, alter column sent_at set not null');
}

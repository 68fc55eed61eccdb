import type { Knex } from 'knex';

/** A role above one's own until `expires_at`. That it has expired is never stored: every query asks the time. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table elevations (
      org_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      role text not null constraint elevations__role check (role in ('readonly', 'train', 'configure', 'admin')),
      justification text not null,
      ticket text,
      state text not null
        constraint elevations__state check (state in ('pending', 'active', 'rejected', 'cancelled', 'revoked')),
      duration_minutes integer not null,
      requested_by uuid not null,
      decided_by uuid,
      created_at timestamptz not null,
      starts_at timestamptz,
      expires_at timestamptz,
      ended_at timestamptz,
      expiry_noted_at timestamptz,
      constraint elevations__id primary key (org_id, id),
      constraint elevations__active check (state <> 'active' or expires_at is not null),
      constraint elevations__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw('create index elevations__user_id on elevations (org_id, user_id, expires_at)');
  await knex.raw('create index elevations__state on elevations (org_id, state, id)');
  // What the schedule looks for in every organization: ended elevations that are not recorded yet.
  await knex.raw(
    `create index elevations__expires_at on elevations (expires_at) where state = 'active' and expiry_noted_at is null`,
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table elevations');
}

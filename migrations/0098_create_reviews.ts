import type { Knex } from 'knex';

/**
 * Access reviews and what each of them found (ADR 0040). `next_subject` is where opening one goes on, so that it
 * restarts where it stopped; a scheduled review has the day on which its period begins, and no period has two.
 * Items keep ids of users and no names. They have no foreign key to `users`: that somebody was reviewed stays true
 * after their erasure, which empties what is personal (src/reviews/store/erasure.ts).
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table reviews (
      org_id uuid not null,
      id uuid not null,
      title text not null,
      state text not null constraint reviews__state check (state in ('opening', 'open', 'closed')),
      scope jsonb not null,
      reviewers jsonb not null,
      inactive_days integer not null,
      undecided text not null constraint reviews__undecided check (undecided in ('leave', 'keep')),
      scheduled_for date,
      period_from timestamptz not null,
      created_at timestamptz not null,
      created_by uuid,
      due_at timestamptz not null,
      opened_at timestamptz,
      closed_at timestamptz,
      closed_by uuid,
      phase text not null constraint reviews__phase check (phase in ('users', 'service_accounts', 'api_keys', 'done')),
      next_subject uuid,
      expected integer not null,
      items integer not null default 0,
      kept integer not null default 0,
      roles_changed integer not null default 0,
      groups_removed integer not null default 0,
      deactivated integer not null default 0,
      notices text[] not null default '{}',
      reminded_at timestamptz,
      constraint reviews__id primary key (org_id, id),
      constraint reviews__scheduled_for unique (org_id, scheduled_for)
    )`);
  await knex.raw(`create index reviews__unfinished on reviews (state, org_id, id) where state <> 'closed'`);
  await knex.raw(`
    create table review_items (
      org_id uuid not null,
      review_id uuid not null,
      id uuid not null,
      subject_type text not null
        constraint review_items__subject_type check (subject_type in ('user', 'service_account', 'api_key')),
      subject_id uuid not null,
      user_id uuid,
      reviewers uuid[] not null,
      snapshot jsonb not null,
      taken_at timestamptz not null,
      risk smallint not null constraint review_items__risk check (risk between 0 and 2),
      suggestion text not null,
      suggested_role text,
      suggested_group uuid,
      reasons jsonb not null,
      decision text constraint review_items__decision
        check (decision in ('keep', 'change_role', 'remove_group', 'deactivate')),
      decided_by uuid,
      decided_at timestamptz,
      note text,
      before jsonb,
      after jsonb,
      constraint review_items__id primary key (org_id, review_id, id),
      constraint review_items__subject unique (org_id, review_id, subject_type, subject_id),
      constraint review_items__review foreign key (org_id, review_id) references reviews (org_id, id) on delete cascade
    )`);
  await knex.raw('create index review_items__by_risk on review_items (org_id, review_id, risk, id)');
  await knex.raw('create index review_items__by_reviewer on review_items using gin (reviewers)');
  await knex.raw(
    'create index review_items__by_user on review_items (org_id, user_id) where user_id is not null',
  );
  await knex.raw(
    'create index review_items__by_decider on review_items (org_id, decided_by) where decided_by is not null',
  );
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['review_items', 'reviews']) await knex.raw(`drop table ${table}`);
}

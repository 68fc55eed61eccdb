import type { Knex } from 'knex';

/**
 * The provisioning log (ADR 0038): one row for each SCIM request of a known connection, a partition a day, written in
 * batches off the request path. `id` is the request's id, whose time is `at`. What is personal is in `query`, `request`,
 * `response`, `detail` and `mentions`, the ids and names by which erasure finds the rows that it empties.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table scim_requests (
      org_id uuid not null,
      id uuid not null,
      at timestamptz not null,
      connection_id uuid not null,
      method text not null,
      path text not null,
      query text,
      status smallint not null,
      ms real not null,
      user_agent text,
      user_id uuid,
      group_id uuid,
      changes jsonb,
      ignored text[],
      quirks text[],
      notes text[],
      error_code text,
      detail text,
      if_match text,
      request text,
      request_state text not null,
      request_bytes integer not null,
      response text,
      response_state text not null,
      response_bytes integer,
      mentions text[] not null,
      replay_of uuid,
      emptied_at timestamptz,
      constraint scim_requests__id primary key (org_id, id, at)
    ) partition by range (at)`);
  for (const [name, definition] of [
    ['connection', '(org_id, connection_id, id)'],
    ['failed', '(org_id, connection_id, id) where status >= 400'],
    ['group', '(org_id, group_id, id) where group_id is not null'],
  ]) {
    await knex.raw(`create index scim_requests__${name} on scim_requests ${definition}`);
  }
  await knex.raw('create index scim_requests__mentions on scim_requests using gin (mentions)');
  // A row is never lost for want of its day; the schedule makes the days ahead.
  await knex.raw('create table scim_requests_default partition of scim_requests default');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table scim_requests');
}

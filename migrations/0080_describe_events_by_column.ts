import type { Knex } from 'knex';

/** In batches beside the writers, which takes no transaction around it. */
export const config = { transaction: false };

const BATCH = 5_000;

/** An event of the version before, whose actor, request and reason are in documents. */
const described = (row: string) => `
  outcome = case when ${row}.action = 'auth.failed' then 'failure' else 'success' end,
  actor_type = coalesce(${row}.actor ->> 'type', 'unknown'),
  actor_id = coalesce(${row}.actor ->> 'id', 'unknown'),
  via = coalesce(${row}.actor ->> 'via', 'unknown'),
  actor_user_id = (${row}.actor ->> 'user')::uuid,
  actor_key_id = (${row}.actor ->> 'key')::uuid,
  request_id = ${row}.context ->> 'requestId',
  reason = ${row}.changes ->> 'reason',
  changes = nullif(${row}.changes - 'reason', '{}')`;

/**
 * Who did something, from where and why becomes columns (ADR 0030), and `feed_position` orders the events for those who
 * read them all (ADR 0031): the id of the writing transaction, 0 for events that were there before. `actor` and
 * `context` stay for the version before, which goes on writing while this runs: a trigger describes its rows.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table events alter column actor drop not null,
      add column if not exists outcome text, add column if not exists actor_type text,
      add column if not exists actor_id text, add column if not exists via text,
      add column if not exists actor_user_id uuid, add column if not exists actor_key_id uuid,
      add column if not exists reason text, add column if not exists request_id text,
      add column if not exists session_id uuid, add column if not exists ip inet,
      add column if not exists user_agent text, add column if not exists feed_position bigint`);
  await knex.raw(
    'alter table events alter column feed_position set default (pg_current_xact_id()::text::bigint)',
  );
  const assignments = described('new')
    .split(/,\n/)
    .map((line) => `new.${line.trim().replace(' = ', ' := ')};`);
  await knex.raw(`
    create or replace function describe_event() returns trigger language plpgsql as $$
    begin
      ${assignments.join('\n      ')}
      return new;
    end $$`);
  await knex.raw(`
    create or replace trigger events__described before insert on events
    for each row when (new.actor_type is null) execute function describe_event()`);
  // Until all rows are carried over, an update may describe one that is not described, and change nothing else.
  await setRefusal(
    knex,
    `if tg_op = 'UPDATE' then
        if old.actor_type is null and new.actor_type is not null
          and (new.org_id, new.id, new.at, new.action, new.target_id, new.member_id)
            is not distinct from (old.org_id, old.id, old.at, old.action, old.target_id, old.member_id) then
          return new;
        end if;
      end if;`,
  );
  for (const partition of await partitions(knex)) await carryOver(knex, partition);
  // Personal parts of an event can be emptied, and nothing else of it ever changes.
  await setRefusal(
    knex,
    `if tg_op = 'UPDATE' then
        if new.reason is null then old.reason := null; end if;
        if new.ip is null then old.ip := null; end if;
        if new.user_agent is null then old.user_agent := null; end if;
        if new is not distinct from old then return new; end if;
      end if;`,
  );
  await knex.raw('grant update (reason, ip, user_agent) on events to current_user');
  await knex.raw('alter table events drop constraint if exists events__described');
  await knex.raw(`
    alter table events add constraint events__described check (outcome is not null and actor_type is not null
      and actor_id is not null and via is not null and feed_position is not null) not valid`);
  await knex.raw('alter table events validate constraint events__described');
  // The version before sends webhooks whose actor it reads from the document.
  await knex.raw(`update schema_floor set name = '0080_describe_events_by_column'`);
}

async function carryOver(knex: Knex, partition: string): Promise<void> {
  // The owner of the tables has taken the right from itself (migration 0006).
  await knex.raw(`grant update on ${partition} to current_user`);
  let after = ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000', '-infinity'];
  for (;;) {
    const { rows } = await knex.raw<{ rows: { org_id: string; id: string; at: string }[] }>(
      `with batch as materialized (
        select org_id, id, at from ${partition} where (org_id, id, at) > (?::uuid, ?::uuid, ?::timestamptz)
        order by org_id, id, at limit ${BATCH}
      ), carried as (
        update ${partition} e set ${described('e')}, feed_position = coalesce(e.feed_position, 0),
          target_type = case when e.action like 'sso\\_connection.%' or e.action like 'sso\\_metadata.%'
            then 'sso_connection' else e.target_type end,
          actor = null, context = null
        from batch b where e.org_id = b.org_id and e.id = b.id and e.at = b.at and e.actor_type is null
      )
      select org_id, id, at::text as at from batch order by org_id desc, id desc, at desc limit 1`,
      [...after],
    );
    const [last] = rows;
    if (last === undefined) break;
    after = [last.org_id, last.id, last.at];
  }
  await knex.raw(`revoke update on ${partition} from public, current_user`);
}

/** The trigger function without which no row changes. @param allowed what returns before the refusal */
async function setRefusal(knex: Knex, allowed: string): Promise<void> {
  await knex.raw(`
    create or replace function refuse_change() returns trigger language plpgsql as $$
    begin
      ${allowed}
      raise exception 'events are append-only' using errcode = 'insufficient_privilege';
    end $$`);
}

export async function down(knex: Knex): Promise<void> {
  await setRefusal(knex, `if tg_op = 'UPDATE' then return new; end if;`);
  for (const partition of await partitions(knex)) {
    await knex.raw(`grant update on ${partition} to current_user`);
    await knex.raw(`update ${partition} set
      actor = coalesce(actor, jsonb_strip_nulls(jsonb_build_object('type', actor_type, 'id', actor_id, 'via', via,
        'user', actor_user_id, 'key', actor_key_id))),
      context = coalesce(context, jsonb_build_object('requestId', request_id)),
      changes = case when reason is null then changes
        else coalesce(changes, '{}') || jsonb_build_object('reason', reason) end`);
    await knex.raw(`revoke update on ${partition} from public, current_user`);
  }
  await setRefusal(knex, '');
  await knex.raw('drop trigger events__described on events');
  await knex.raw('drop function describe_event');
  await knex.raw(`
    alter table events drop constraint events__described, alter column actor set not null,
      drop column outcome, drop column actor_type, drop column actor_id, drop column via, drop column actor_user_id,
      drop column actor_key_id, drop column reason, drop column request_id, drop column session_id, drop column ip,
      drop column user_agent, drop column feed_position`);
  await knex.raw(`update schema_floor set name = '0024_record_schema_floor'`);
}

async function partitions(knex: Knex): Promise<string[]> {
  const { rows } = await knex.raw<{ rows: { partition: string }[] }>(
    `select inhrelid::regclass::text as partition from pg_inherits where inhparent = 'events'::regclass order by 1`,
  );
  return rows.map(({ partition }) => partition);
}

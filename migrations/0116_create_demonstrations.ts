import type { Knex } from 'knex';

/**
 * A demonstration is an organization of its own, marked as such when it is made and never afterwards (ADR 0050): rows of an
 * organization without the mark stay append-only. `demonstrations` says of the organization that loaded one how far it is.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table organizations add column demonstration_of uuid');
  await knex.raw(
    'create unique index organizations__demonstration_of on organizations (demonstration_of) where demonstration_of is not null',
  );
  await knex.raw(`
    create function refuse_demonstration_mark() returns trigger language plpgsql as $$
    begin
      raise exception 'an organization is a demonstration from its beginning, or never'
        using errcode = 'insufficient_privilege';
    end $$`);
  await knex.raw(`
    create trigger organizations__demonstration_fixed before update on organizations for each row
    when (new.demonstration_of is distinct from old.demonstration_of) execute function refuse_demonstration_mark()`);
  await knex.raw(`
    create table demonstrations (
      org_id uuid not null,
      state text not null,
      percent smallint not null default 0,
      requested_at timestamptz not null,
      loaded_at timestamptz,
      constraint demonstrations__id primary key (org_id),
      constraint demonstrations__state check (state in ('loading', 'ready', 'removing', 'failed'))
    )`);
  await setRefusal(
    knex,
    `if tg_op = 'DELETE' then
        if exists (select from organizations o where o.id = old.org_id and o.demonstration_of is not null) then
          return old;
        end if;
      end if;`,
  );
  await knex.raw('grant delete on events to current_user');
  // The session of the loader's organization from which it was opened; it says nothing without that one.
  await knex.raw('alter table sessions add column opened_from uuid');
}

/** The trigger function of what is append-only (migration 0080). @param allowed what returns before the refusal */
async function setRefusal(knex: Knex, allowed: string): Promise<void> {
  await knex.raw(`
    create or replace function refuse_change() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' then
        if new.reason is null then old.reason := null; end if;
        if new.ip is null then old.ip := null; end if;
        if new.user_agent is null then old.user_agent := null; end if;
        if new is not distinct from old then return new; end if;
      end if;
      ${allowed}
      raise exception 'events are append-only' using errcode = 'insufficient_privilege';
    end $$`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table sessions drop column opened_from');
  await knex.raw('revoke delete on events from current_user');
  await setRefusal(knex, '');
  await knex.raw('drop table demonstrations');
  await knex.raw('drop trigger organizations__demonstration_fixed on organizations');
  await knex.raw('drop function refuse_demonstration_mark');
  await knex.raw('alter table organizations drop column demonstration_of');
}

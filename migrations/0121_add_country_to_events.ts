import type { Knex } from 'knex';

/**
 * The country that an event's address was in (ADR 0052). It is personal as the address is: seals leave it out, and it goes
 * with the address, also where a version before this one empties that.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table events add column country text');
  await setRefusal(knex, 'if new.ip is null then new.country := null; old.country := null; end if;');
}

/** The trigger function of what is append-only (migration 0116). @param emptied what is emptied with an address */
async function setRefusal(knex: Knex, emptied: string): Promise<void> {
  await knex.raw(`
    create or replace function refuse_change() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' then
        if new.reason is null then old.reason := null; end if;
        if new.ip is null then old.ip := null; end if;
        if new.user_agent is null then old.user_agent := null; end if;
        ${emptied}
        if new is not distinct from old then return new; end if;
      end if;
      if tg_op = 'DELETE' then
        if exists (select from organizations o where o.id = old.org_id and o.demonstration_of is not null) then
          return old;
        end if;
      end if;
      raise exception 'events are append-only' using errcode = 'insufficient_privilege';
    end $$`);
}

export async function down(knex: Knex): Promise<void> {
  await setRefusal(knex, '');
  await knex.raw('alter table events drop column country');
}

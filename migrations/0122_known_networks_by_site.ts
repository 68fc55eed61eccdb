import type { Knex } from 'knex';

/** Networks of IPv6 from which users sign in are sites (/48) from now on, not single links (/64). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    with links as (delete from known_networks where network like '%::/64' returning *)
    insert into known_networks (org_id, user_id, network, device, first_at, last_at, sign_ins)
    select org_id, user_id, concat_ws(':', split_part(network, ':', 1), split_part(network, ':', 2),
        split_part(network, ':', 3)) || '::/48', device, min(first_at), max(last_at), sum(sign_ins)
    from links group by 1, 2, 3, 4`);
}

/** What was joined is not known apart any more: sign-ins are learned anew. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw("delete from known_networks where network like '%::/48'");
}

import type { Knex } from 'knex';

/** Users are read page by page and written beside others, which takes no transaction around it. */
export const config = { transaction: false };

const PAGE = 2_000;

/**
 * `last_active_at` counted sign-ins and sessions alone; since this version what applications report counts, too. Those who
 * were active before it are noted here, to the hour. Each page is a statement of its own; it can be repeated.
 */
export async function up(knex: Knex): Promise<void> {
  interface Row {
    readonly org: string;
    readonly id: string;
  }
  let after: Row = {
    org: '00000000-0000-0000-0000-000000000000',
    id: '00000000-0000-0000-0000-000000000000',
  };
  for (;;) {
    const { rows } = await knex.raw<{ rows: Row[] }>(
      `select org_id as org, id from users where (org_id, id) > (?, ?) order by org_id, id limit ${PAGE}`,
      [after.org, after.id],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    await knex.raw(
      `with latest as materialized (
        select p.org, p.id, h.hour from unnest(?::uuid[], ?::uuid[]) as p (org, id) cross join lateral (
          select hour from activity_user_hours where org_id = p.org and user_id = p.id
          order by org_id desc, user_id desc, hour desc limit 1
        ) h
      )
      update users u set last_active_at = l.hour from latest l
      where u.org_id = l.org and u.id = l.id and (u.last_active_at is null or u.last_active_at < l.hour)`,
      [rows.map(({ org }) => org), rows.map(({ id }) => id)],
    );
    after = last;
  }
}

export async function down(): Promise<void> {
  // What was noted is true of the version before as well.
}

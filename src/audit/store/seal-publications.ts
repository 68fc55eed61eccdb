import type { OrgId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { eventName } from './event-sql.ts';
import type { Seal } from './seals.ts';

/**
 * Organizations with a seal that want one a day, by mail or by a webhook, and have not had today's. The webhooks are few
 * by organization. @param day UTC, such as 2026-11-28
 */
export async function findOrganizationsToPublish(db: Database, day: string): Promise<OrgId[]> {
  const rows = await db.search<{ id: OrgId }>(
    `select o.id from organizations o
      where (jsonb_array_length(coalesce(o.settings -> 'sealRecipients', '[]')) > 0
          or exists (select from webhooks w where w.org_id = o.id and w.disabled_at is null
            and ${eventName('audit.seal_published')} = any(w.events)))
        and not exists (select from seal_publications p where p.org_id = o.id and p.day = $1::date)
        and exists (select from event_seals s where s.org_id = o.id)`,
    [day],
  );
  return rows.map(({ id }) => id);
}

const insert: Statement = {
  name: 'seal-publication-insert',
  text: `insert into seal_publications (org_id, day, n, digest, published_at) values ($1, $2::date, $3, $4, $5)
    on conflict do nothing returning n`,
};

/** @returns false if the day has its publication @param at ISO 8601 */
export async function insertPublication(
  tx: Executor,
  org: OrgId,
  day: string,
  { n, digest }: Seal,
  at: string,
): Promise<boolean> {
  return (await tx.query(insert, [org, day, n, digest, at])).length > 0;
}

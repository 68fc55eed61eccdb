import type { OrgId, UserId } from '../../directory/ids.ts';
import type { Rights } from '../../directory/roles/authority.ts';
import { findRightsOf } from '../../directory/roles/store.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { Frequency, Topic } from '../topics.ts';

/** Administrators of one organization who are told; owners come first. */
const MOST_ADMINISTRATORS = 50;

const administrators: Statement = {
  name: 'notification-administrators',
  text: `select u.id from users u where u.org_id = $1 and u.status = 'active' and u.deleted_at is null and (u.role = 'admin'
      or u.id in (select m.user_id from groups g join group_members m on m.org_id = g.org_id and m.group_id = g.id
        where g.org_id = $1 and g.role = 'admin')
      or u.id in (select e.user_id from elevations e where e.org_id = $1 and e.state = 'active' and e.role = 'admin'
        and e.expires_at > $2))
    order by u.owner desc, u.id limit ${MOST_ADMINISTRATORS}`,
};

/** Users whose role may be admin at a time, by whatever way; their rights say whether it is. @param now ISO 8601 */
export async function findAdministrators(tx: Executor, org: OrgId, now: string): Promise<readonly UserId[]> {
  return (await tx.query<{ id: UserId }>(administrators, [org, now])).map(({ id }) => id);
}

/** Who may be told, with what decides how often. */
export interface Recipient {
  readonly id: UserId;
  readonly email: string;
  readonly rights: Rights;
  readonly chosen: ReadonlyMap<Topic, Frequency>;
}

const addresses: Statement = {
  name: 'notification-addresses',
  text: `select u.id, coalesce(u.email, u.user_name) as email,
      (select json_object_agg(p.topic, p.frequency) from notification_preferences p
        where p.org_id = u.org_id and p.user_id = u.id) as chosen
    from users u where u.org_id = $1 and u.id = any($2::uuid[]) and u.status = 'active' and u.deleted_at is null
      and coalesce(u.email, u.user_name) like '%@%' order by u.id`,
};

/** Active users with an address, with their rights at a time; the others are left out. @param now ISO 8601 */
export async function findRecipients(
  tx: Executor,
  org: OrgId,
  users: readonly UserId[],
  now: string,
): Promise<readonly Recipient[]> {
  if (users.length === 0) return [];
  const rows = await tx.query<{ id: UserId; email: string; chosen: Record<string, Frequency> | null }>(
    addresses,
    [org, users],
  );
  const rights = new Map((await findRightsOf(tx, org, users, now)).map((each) => [each.id, each]));
  return rows.flatMap(({ id, email, chosen }) => {
    const own = rights.get(id);
    const choices = new Map(Object.entries(chosen ?? {})) as unknown as ReadonlyMap<Topic, Frequency>;
    return own === undefined ? [] : [{ id, email, rights: own, chosen: choices }];
  });
}

const save: Statement = {
  name: 'notification-preference-save',
  text: `insert into notification_preferences (org_id, user_id, topic, frequency) values ($1, $2, $3, $4)
    on conflict (org_id, user_id, topic) do update set frequency = excluded.frequency`,
};
const forget: Statement = {
  name: 'notification-preference-delete',
  text: 'delete from notification_preferences where org_id = $1 and user_id = $2 and topic = $3',
};

/** @param frequency null for the default */
export async function writePreference(
  tx: Executor,
  org: OrgId,
  user: UserId,
  topic: Topic,
  frequency: Frequency | null,
): Promise<void> {
  if (frequency === null) await tx.query(forget, [org, user, topic]);
  else await tx.query(save, [org, user, topic, frequency]);
}

const preferences: Statement = {
  name: 'notification-preferences',
  text: 'select topic, frequency from notification_preferences where org_id = $1 and user_id = $2',
};

/** What a user chose. */
export async function findPreferences(
  db: Executor,
  org: OrgId,
  user: UserId,
): Promise<ReadonlyMap<Topic, Frequency>> {
  const rows = await db.query<{ topic: Topic; frequency: Frequency }>(preferences, [org, user]);
  return new Map(rows.map(({ topic, frequency }) => [topic, frequency]));
}

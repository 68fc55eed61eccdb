import type { OrgId, UserId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { Topic } from '../topics.ts';

/** A line for one recipient. */
export interface NewLine {
  readonly id: string;
  readonly user: UserId;
  readonly topic: Topic;
  /** What makes two the same: the second is left out. */
  readonly key: string;
  readonly about: string | undefined;
  readonly line: string;
  readonly path: string | undefined;
  readonly frequency: 'at_once' | 'daily';
}

const insert: Statement = {
  name: 'notification-insert',
  text: `insert into notifications (org_id, id, user_id, topic, key, about_id, line, path, frequency, created_at)
    select $1, n.id, n.user_id, n.topic, n.key, n.about_id, n.line, n.path, n.frequency, $2
    from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::text[], $9::text[], $10::text[])
      as n (id, user_id, topic, key, about_id, line, path, frequency)
    where n.about_id is null or exists (select from users u where u.org_id = $1 and u.id = n.about_id)
    on conflict (org_id, user_id, topic, key) do nothing returning id`,
};

/** Stores lines. @returns the ids of those that are new; of a user who is not there any more nothing is told */
export async function insertLines(
  tx: Executor,
  org: OrgId,
  at: string,
  lines: readonly NewLine[],
): Promise<ReadonlySet<string>> {
  if (lines.length === 0) return new Set();
  const rows = await tx.query<{ id: string }>(insert, [
    org,
    at,
    lines.map(({ id }) => id),
    lines.map(({ user }) => user),
    lines.map(({ topic }) => topic),
    lines.map(({ key }) => key),
    lines.map(({ about }) => about ?? null),
    lines.map(({ line }) => line),
    lines.map(({ path }) => path ?? null),
    lines.map(({ frequency }) => frequency),
  ]);
  return new Set(rows.map(({ id }) => id));
}

const settle: Statement = {
  name: 'notification-settle',
  text: `update notifications n set settled_at = $2, mail_id = s.mail_id
    from unnest($3::uuid[], $4::uuid[]) as s (id, mail_id) where n.org_id = $1 and n.id = s.id`,
};

/** Records that lines wait no longer. @param mails the mail of each line; undefined for lines that are told to no one */
export async function settleLines(
  tx: Executor,
  org: OrgId,
  at: string,
  mails: ReadonlyMap<string, string | undefined>,
): Promise<void> {
  if (mails.size === 0) return;
  await tx.query(settle, [org, at, [...mails.keys()], [...mails.values()].map((mail) => mail ?? null)]);
}

const recent: Statement = {
  name: 'notification-recent-mails',
  text: `select user_id as "user", topic, count(distinct mail_id) filter (where settled_at > $4)::integer as mails,
      max(settled_at) as "lastAt"
    from notifications where org_id = $1 and user_id = any($2::uuid[]) and topic = any($3::text[]) and frequency = 'at_once'
      and mail_id is not null group by user_id, topic`,
};

/** What a user was mailed at once of a topic. */
export interface RecentMails {
  readonly user: UserId;
  readonly topic: Topic;
  /** Since the time. */
  readonly mails: number;
  /** ISO 8601 */
  readonly lastAt: string;
}

/** What users were mailed at once of topics. @param since ISO 8601 */
export function findRecentMails(
  tx: Executor,
  org: OrgId,
  users: readonly UserId[],
  topics: readonly Topic[],
  since: string,
): Promise<RecentMails[]> {
  return tx.query<RecentMails>(recent, [org, users, topics, since]);
}

/** A line that waits. */
export interface WaitingLine {
  readonly id: string;
  readonly user: UserId;
  readonly topic: Topic;
  readonly line: string;
  readonly path: string | null;
}

const waiting: Statement = {
  name: 'notification-waiting',
  text: `select id, user_id as "user", topic, line, path from notifications
    where org_id = $1 and frequency = $2 and settled_at is null and created_at < $3
    order by id limit $4 for update skip locked`,
};

/** Lines that wait since before a time, held by the transaction; the oldest first. @param before ISO 8601 */
export function holdWaiting(
  tx: Executor,
  org: OrgId,
  frequency: 'at_once' | 'daily',
  before: string,
  limit: number,
): Promise<WaitingLine[]> {
  return tx.query<WaitingLine>(waiting, [org, frequency, before, limit]);
}

/** Organizations with lines that wait. */
export async function findOrganizationsWaiting(
  db: Database,
  frequency: 'at_once' | 'daily',
): Promise<OrgId[]> {
  const rows = await db.search<{ id: OrgId }>(
    `select o.id from organizations o where exists (select from notifications n
      where n.org_id = o.id and n.frequency = $1 and n.settled_at is null)`,
    [frequency],
  );
  return rows.map(({ id }) => id);
}

const claim: Statement = {
  name: 'notification-claim-digest',
  text: `insert into notification_digests (org_id, day) values ($1, $2)
    on conflict (org_id) do update set day = excluded.day where notification_digests.day < excluded.day returning org_id`,
};

/** Claims the digest of a day for the transaction. @returns false if it, or a later one, was made */
export async function claimDigest(tx: Executor, org: OrgId, day: string): Promise<boolean> {
  return (await tx.query(claim, [org, day])).length > 0;
}

/** Dead jobs of an organization, by kind and the hour in which the last of them died. */
export interface DeadJobs {
  readonly org: OrgId;
  readonly kind: string;
  readonly jobs: number;
  /** ISO 8601 */
  readonly lastAt: string;
}

/** Jobs that died since a time, apart from mails that tell of dead jobs: else one mail that cannot be sent becomes many. */
export function findDeadJobs(db: Database, since: string): Promise<DeadJobs[]> {
  return db.search<DeadJobs>(
    `select org_id as org, kind, count(*)::integer as jobs, max(dead_at) as "lastAt" from jobs
      where dead_at is not null and dead_at >= $1 and org_id is not null
        and (payload -> 'recipient' ->> 'topic') is distinct from 'dead_job'
        and (payload -> 'recipient' ->> 'topic') is distinct from 'digest'
      group by org_id, kind, date_trunc('hour', dead_at) order by org_id, kind`,
    [since],
  );
}

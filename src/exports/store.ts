import type { OrgId, UserId } from '../directory/ids.ts';
import { referenceTo } from '../directory/store/references.ts';
import type { Reference } from '../directory/users/reference.ts';
import type { Database } from '../platform/db/database.ts';
import type { Executor, Statement } from '../platform/db/statement.ts';

const insert: Statement = {
  name: 'export-insert',
  text: `insert into exports (org_id, id, user_id, requested_by, state, created_at, expires_at)
    select $1, $2, $3, $4, 'running', $5, $6
    where not exists (
      select from exports where org_id = $1 and user_id = $3 and state = 'running' and expires_at > $5
    )
    returning id`,
};

/** @returns false if one of the same user is being made */
export async function insertExport(
  tx: Executor,
  org: OrgId,
  row: {
    readonly id: string;
    readonly user: UserId;
    readonly requestedBy: UserId;
    readonly expiresAt: string;
  },
  at: string,
): Promise<boolean> {
  const values = [org, row.id, row.user, row.requestedBy, at, row.expiresAt];
  return (await tx.query(insert, values)).length > 0;
}

const finish: Statement = {
  name: 'export-finish',
  text: `update exports set state = 'done', file = $3 where org_id = $1 and id = $2`,
};

export async function finishExport(db: Executor, org: OrgId, id: string, file: Uint8Array): Promise<void> {
  await db.query(finish, [org, id, Buffer.from(file)]);
}

const byId: Statement = {
  name: 'export-by-id',
  text: `select id, user_id as "user", ${referenceTo('exports.org_id', 'exports.user_id')} as subject,
      requested_by as "requestedBy", state, created_at as "createdAt", expires_at as "expiresAt",
      octet_length(file) as bytes
    from exports where org_id = $1 and id = $2 and expires_at > $3`,
};

export interface Export {
  readonly id: string;
  readonly user: UserId;
  readonly subject: Reference;
  readonly requestedBy: UserId;
  readonly state: 'running' | 'done';
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly bytes: number | null;
}

/** An export that has not expired. @param now ISO 8601 */
export async function findExport(
  db: Executor,
  org: OrgId,
  id: string,
  now: string,
): Promise<Export | undefined> {
  return (await db.query<Export>(byId, [org, id, now]))[0];
}

const deactivatedSince: Statement = {
  name: 'export-maker-deactivated-since',
  text: 'select from users where org_id = $1 and id = $2 and keys_from >= $3',
};

/** @param at ISO 8601 */
export async function wasDeactivatedSince(
  db: Executor,
  org: OrgId,
  user: UserId,
  at: string,
): Promise<boolean> {
  return (await db.query(deactivatedSince, [org, user, at])).length > 0;
}

const file: Statement = {
  name: 'export-file',
  text: 'select file from exports where org_id = $1 and id = $2',
};

export async function readExportFile(db: Executor, org: OrgId, id: string): Promise<Buffer | undefined> {
  return (await db.query<{ file: Buffer | null }>(file, [org, id]))[0]?.file ?? undefined;
}

/** What is kept of a user, table by table; secrets and hashes are not theirs and stay out. */
const tables = {
  groups: `select g.display_name as name, m.in_group_role, m.sources, m.added_at from group_members m
    join groups g on g.org_id = m.org_id and g.id = m.group_id where m.org_id = $1 and m.user_id = $2`,
  lost_memberships: `select name from lost_memberships where org_id = $1 and user_id = $2 order by group_id`,
  directories: `select c.name as connection, l.external_id from user_links l
    left join connections c on c.org_id = l.org_id and c.id = l.connection_id
    where l.org_id = $1 and l.user_id = $2 order by l.connection_id`,
  identities: `select c.name as connection, i.subject, i.linked_by, i.linked_at, i.last_used_at from identities i
    left join sso_connections s on s.org_id = i.org_id and s.connection_id = i.connection_id
    left join connections c on c.org_id = s.org_id and c.id = s.connection_id
    where i.org_id = $1 and i.user_id = $2 order by i.connection_id`,
  single_sign_ons: `select at, purpose, outcome, reason, detail, seen from sso_traces
    where org_id = $1 and user_id = $2 order by id`,
  email_changes: `select email, created_at, expires_at from email_changes where org_id = $1 and user_id = $2`,
  imports: `select cells, result, message, note, done_at from import_rows
    where org_id = $1 and user_id = $2 order by import_id, row_number`,
  sessions: `select method, started_at, seen_at, ended_at, ip, user_agent from sessions
    where org_id = $1 and user_id = $2 order by id`,
  sign_ins: `select at, outcome, method, ip, user_agent from sign_in_attempts
    where org_id = $1 and user_id = $2 order by at`,
  api_keys: `select name, scopes, created_at, expires_at, revoked_at, last_used_at from api_keys
    where org_id = $1 and user_id = $2 order by id`,
  elevations: `select role, justification, ticket, state, created_at, starts_at, expires_at, ended_at from elevations
    where org_id = $1 and user_id = $2 order by id`,
  invitations: `select sent_at, expires_at, accepted_at, revoked_at, job_function, reason from invitations
    where org_id = $1 and user_id = $2 order by id`,
  activity: `select at, type, agent, resource, resource_tags, response_ms, host(ip) as ip, user_agent
    from activity_events where org_id = $1 and user_id = $2 order by at, id`,
  resources: `select type, name, tags, created_at from resources where org_id = $1 and owner_id = $2 order by id`,
  checklist: `select item, done_at from checklist_items where org_id = $1 and user_id = $2 order by done_at`,
  alerts: `select opened_at, last_at, kind, severity, state, occurrences, detail, note, decided_at from alerts
    where org_id = $1 and user_id = $2 order by id`,
  reviews: `select r.title, i.taken_at, i.subject_type, i.snapshot, i.suggestion, i.reasons, i.decision, i.decided_at, i.note
    from review_items i join reviews r on r.org_id = i.org_id and r.id = i.review_id
    where i.org_id = $1 and i.user_id = $2 order by i.taken_at, i.id`,
  notifications: `select topic, frequency, created_at, settled_at, mail_id is not null as mailed from notifications
    where org_id = $1 and user_id = $2 order by id`,
  notification_preferences: `select topic, frequency from notification_preferences
    where org_id = $1 and user_id = $2 order by topic`,
  known_networks: `select network, device, first_at, last_at, sign_ins from known_networks
    where org_id = $1 and user_id = $2 order by first_at`,
  working_hours: `select settings from working_hours where org_id = $1 and user_id = $2`,
  previous_profiles: `select at, user_name, profile from previous_profiles where org_id = $1 and user_id = $2 order by at`,
  history: `select at, kind, group_id, state from history
    where org_id = $1 and kind in ('user', 'membership', 'elevation') and user_id = $2 order by at, seq`,
  provisioning: `select at, method, path, query, status, request, response from scim_requests
    where org_id = $1 and user_id = $2 and mentions @> array[$2::uuid::text] order by id`,
  // Two halves that share no row, each found by an index of its own.
  events: `select at, action, target_type, changes, reason from (
      select id, at, action, target_type, changes, reason from events
      where org_id = $1 and target_id = $2 and target_type = 'user'
      union all
      select id, at, action, target_type, changes, reason from events
      where org_id = $1 and member_id = $2 and not (target_id = $2 and target_type = 'user')
    ) about order by at, id`,
  actions: `select at, action, target_type, target_id from events
    where org_id = $1 and actor_id = $2::text and actor_type = 'user' order by at, id`,
} as const;

export type ExportedTable = keyof typeof tables;
export const EXPORTED_TABLES = Object.keys(tables) as readonly ExportedTable[];

/** The rows of one table that are about a user. */
export function readExportedTable(
  db: Database,
  org: OrgId,
  user: UserId,
  table: ExportedTable,
): Promise<Record<string, unknown>[]> {
  return db.search<Record<string, unknown>>(tables[table], [org, user]);
}

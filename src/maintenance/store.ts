import { IDS_KEPT_DAYS } from '../activity/store/partitions.ts';
import type { Executor, Statement } from '../platform/db/statement.ts';
import { DAY_MS } from '../platform/time.ts';
import type { Retention } from './retention.ts';

/** What expires in one table. */
export interface Sweep {
  /** Of the table, unless it is swept for several reasons. */
  readonly name: string;
  /** Deletes the rows whose time is before `$1`, at most `$2` of them, and returns something for each. */
  readonly statement: Statement;
  /** How many days before now the time is. */
  readonly days: number | keyof Retention;
}

/** Rows that one statement deletes: far below what a statement's time limit allows. */
const BATCH = 1_000;
/** How far back an undo reaches, in days. */
export const UNDO_DAYS = 30;

function sweep(table: string, days: Sweep['days'], condition: string, name = table): Sweep {
  const text = `delete from ${table} where ctid = any(array(
    select ctid from ${table} where ${condition} limit $2::integer)) returning 1 as swept`;
  return { name, days, statement: { name: `sweep-${name}`, text } };
}

/** What is deleted once it has expired, of every organization. */
export const SWEEPS: readonly Sweep[] = [
  sweep('exports', 0, 'expires_at <= $1'),
  sweep('history_bundles', 0, 'expires_at <= $1'),
  sweep('throttles', 0, 'resets_at <= $1'),
  sweep('idempotency_keys', 1, 'created_at < $1'),
  sweep('email_changes', 0, 'expires_at <= $1'),
  sweep('pending_sign_ins', 0, 'expires_at <= $1'),
  sweep('password_resets', 30, 'expires_at < $1'),
  sweep('sessions', 120, 'seen_at < $1'),
  sweep('webhook_deliveries', 'webhookDeliveryDays', `state <> 'waiting' and event_at < $1`),
  // Rows whose day had no partition; others go with it.
  sweep('scim_requests_default', 'scimLogDays', 'at < $1'),
  sweep('sso_requests', 0, 'expires_at <= $1'),
  sweep('sso_replays', 0, 'expires_at <= $1'),
  sweep('identity_confirmations', 30, 'expires_at < $1'),
  sweep('sso_traces', 30, 'at < $1'),
  sweep('imports', 7, `state = 'preview' and expires_at < $1`, 'import_previews'),
  sweep('imports', 90, `state = 'done' and finished_at < $1`),
  sweep('sign_in_attempts', 'signInDays', 'at < $1'),
  sweep('jobs', 'deadJobDays', 'dead_at < $1', 'dead_jobs'),
  // As long as the events that tell about them.
  sweep(
    'elevations',
    'auditDays',
    `created_at < $1 and state <> 'pending' and (expires_at is null or expires_at < $1)
      and (state <> 'active' or expiry_noted_at is not null)`,
  ),
  sweep('api_keys', 'auditDays', 'revoked_at < $1 or expires_at < $1'),
  sweep('scim_tokens', 'auditDays', 'revoked_at < $1 or expires_at < $1'),
  sweep('set_up_links', 'auditDays', 'revoked_at < $1 or expires_at < $1'),
  sweep('seal_publications', 'auditDays', 'published_at < $1'),
  sweep('alerts', 'auditDays', `last_at < $1 and state <> 'open'`),
  // Items by themselves: a review may have a hundred thousand.
  sweep(
    'review_items',
    'reviewDays',
    `exists (select from reviews r where r.org_id = review_items.org_id and r.id = review_items.review_id
      and r.state = 'closed' and r.closed_at < $1)`,
  ),
  sweep(
    'reviews',
    'reviewDays',
    `state = 'closed' and closed_at < $1 and not exists (
      select from review_items i where i.org_id = reviews.org_id and i.review_id = reviews.id)`,
  ),
  // For as long as the same is not told twice.
  sweep('notifications', 30, 'created_at < $1'),
  // A network that was not used for 90 days is new again.
  sweep('known_networks', 90, 'last_at < $1'),
  sweep('lost_memberships', 'auditDays', 'lost_at < $1'),
  // For as long as an undo may reach back (ADR 0042).
  sweep('previous_profiles', UNDO_DAYS, 'at < $1'),
  sweep('deleted_groups', UNDO_DAYS, 'at < $1'),
  sweep('undos', 7, `state = 'preview' and expires_at < $1`, 'undo_previews'),
  sweep('undos', 'auditDays', `state = 'done' and finished_at < $1`),
  // Late events of months that had no partition; the others go with their month.
  sweep('activity_events_default', 'activityDays', 'at < $1'),
  sweep('activity_event_ids_default', IDS_KEPT_DAYS, 'at < $1'),
  sweep('activity_user_hours', 'activityDays', 'hour < $1'),
  sweep('activity_user_days', 'activityDays', 'day < $1'),
  sweep('activity_agent_hours', 'activityDays', 'hour < $1'),
  sweep('activity_resource_hours', 'activityDays', 'hour < $1'),
  // Digests that keep deleted users from signing in again (ADR 0015): for as long as an account at a provider lives.
  sweep('tombstones', 1_825, 'deleted_at < $1'),
];

/**
 * Deletes what has expired in a table, batch after batch.
 * @returns how many rows
 * @throws the reason of `signal` between two batches once it is aborted
 */
export async function sweepTable(
  db: Executor,
  { statement, days }: Sweep,
  now: Date,
  retention: Retention,
  signal: AbortSignal,
): Promise<number> {
  const age = typeof days === 'number' ? days : retention[days];
  const before = new Date(now.getTime() - age * DAY_MS).toISOString();
  for (let swept = 0; ; ) {
    signal.throwIfAborted();
    const count = (await db.query(statement, [before, BATCH])).length;
    swept += count;
    if (count < BATCH) return swept;
  }
}

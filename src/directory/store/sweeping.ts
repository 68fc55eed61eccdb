import type { Executor, Statement } from '../../platform/statement.ts';

/** What is of no use any more, by table: each statement takes the time as `$1`. Days are those of the row's purpose. */
const statements: readonly Statement[] = [
  { name: 'sweep-exports', text: 'delete from exports where expires_at <= $1' },
  { name: 'sweep-throttles', text: 'delete from throttles where resets_at <= $1' },
  {
    name: 'sweep-idempotency-keys',
    text: `delete from idempotency_keys where created_at < $1::timestamptz - interval '1 day'`,
  },
  {
    name: 'sweep-password-resets',
    text: `delete from password_resets where expires_at < $1::timestamptz - interval '30 days'`,
  },
  {
    name: 'sweep-sessions',
    text: `delete from sessions where seen_at < $1::timestamptz - interval '120 days'`,
  },
  {
    name: 'sweep-webhook-deliveries',
    text: `delete from webhook_deliveries where state <> 'waiting' and event_at < $1::timestamptz - interval '30 days'`,
  },
  { name: 'sweep-sso-requests', text: 'delete from sso_requests where expires_at <= $1' },
  { name: 'sweep-sso-replays', text: 'delete from sso_replays where expires_at <= $1' },
  {
    name: 'sweep-identity-confirmations',
    text: `delete from identity_confirmations where expires_at < $1::timestamptz - interval '30 days'`,
  },
  {
    name: 'sweep-sso-traces',
    text: `delete from sso_traces where at < $1::timestamptz - interval '30 days'`,
  },
  {
    name: 'sweep-imports',
    text: `delete from imports where (state = 'preview' and expires_at < $1::timestamptz - interval '7 days')
      or (state = 'done' and finished_at < $1::timestamptz - interval '90 days')`,
  },
];

/** Deletes what has run out, of every organization. @param now ISO 8601 */
export async function sweepExpired(db: Executor, now: string): Promise<void> {
  for (const statement of statements) await db.query(statement, [now]);
}

import type { ConnectionId, OrgId, UserId } from '../../directory/ids.ts';
import { displayNameOf } from '../../directory/store/fragments.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { SsoReason } from '../rules/reasons.ts';
import type { LoginPurpose } from './requests.ts';
import type { NewTrace, TraceSeen } from './trace-log.ts';

const columns = `t.id, t.at, t.purpose, t.outcome, t.reason, t.detail, t.seen, t.user_id,
    ${displayNameOf('u')} as user_name, coalesce(u.email, u.user_name) as user_email`;
const source = `sso_traces t left join users u on u.org_id = t.org_id and u.id = t.user_id and u.deleted_at is null`;

/** What came of a sign-in, successful or not. */
export interface TraceRow {
  readonly id: string;
  readonly at: string;
  readonly purpose: LoginPurpose;
  readonly outcome: NewTrace['outcome'];
  readonly reason: SsoReason | null;
  readonly detail: string | null;
  readonly seen: TraceSeen;
  readonly user_id: UserId | null;
  readonly user_name: string | null;
  /** Null also of a user who is gone. */
  readonly user_email: string | null;
}

const list: Statement = {
  name: 'sso-traces-list',
  text: `select ${columns} from ${source} where t.org_id = $1 and t.connection_id = $2
    and ($3::text is null or t.outcome = $3) and ($4::uuid is null or t.id < $4) order by t.id desc limit $5`,
};

export interface TracePage {
  readonly outcome: NewTrace['outcome'] | undefined;
  /** The id behind which the page begins. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Sign-ins through a connection, the newest first. */
export function listTraces(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  { outcome, after, limit }: TracePage,
): Promise<TraceRow[]> {
  return db.query<TraceRow>(list, [org, connection, outcome ?? null, after ?? null, limit]);
}

const lastTest: Statement = {
  name: 'sso-traces-last-test',
  text: `select ${columns} from ${source} where t.org_id = $1 and t.connection_id = $2 and t.purpose = 'test'
    order by t.id desc limit 1`,
};

export async function findLastTest(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
): Promise<TraceRow | undefined> {
  return (await db.query<TraceRow>(lastTest, [org, connection]))[0];
}

import type { OrgId } from '../../directory/ids.ts';
import { referenceTo } from '../../directory/store/references.ts';
import type { Reference } from '../../directory/users/reference.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { type AlertKind, type AlertState, dedupeKey, type Finding, type Severity } from '../rules/alert.ts';

/** An alert as it is shown. */
export interface AlertRow {
  readonly id: string;
  readonly kind: AlertKind;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly exceptionKey: string | null;
  readonly userId: string | null;
  readonly user: Reference | null;
  readonly connectionId: string | null;
  readonly connection: string | null;
  readonly openedAt: string;
  readonly lastAt: string;
  readonly occurrences: number;
  readonly detail: Finding['detail'];
  readonly note: string | null;
  readonly decider: Reference | null;
  readonly decidedAt: string | null;
}

const columns = `a.id, a.kind, a.severity, a.state, a.exception_key as "exceptionKey", a.user_id as "userId",
  ${referenceTo('a.org_id', 'a.user_id')} as user, a.connection_id as "connectionId",
  (select name from connections c where c.org_id = a.org_id and c.id = a.connection_id) as connection,
  a.opened_at as "openedAt", a.last_at as "lastAt", a.occurrences, a.detail, a.note,
  ${referenceTo('a.org_id', 'a.decided_by')} as decider, a.decided_at as "decidedAt"`;

export interface AlertFilter {
  readonly states?: readonly AlertState[] | undefined;
  readonly kinds?: readonly AlertKind[] | undefined;
  readonly severities?: readonly Severity[] | undefined;
  readonly user?: string | undefined;
}

/** Alerts, the newest first. @param after the id that all are below */
export function listAlerts(
  db: Database,
  org: OrgId,
  { states, kinds, severities, user }: AlertFilter,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<AlertRow[]> {
  return db.search<AlertRow>(
    `select ${columns} from alerts a where a.org_id = $1
      and ($2::text[] is null or a.state = any($2)) and ($3::text[] is null or a.kind = any($3))
      and ($4::text[] is null or a.severity = any($4)) and ($5::uuid is null or a.user_id = $5)
      and ($6::uuid is null or a.id < $6) order by a.id desc limit $7`,
    [org, states ?? null, kinds ?? null, severities ?? null, user ?? null, page.after ?? null, page.limit],
  );
}

const byId: Statement = {
  name: 'alert-by-id',
  text: `select ${columns} from alerts a where a.org_id = $1 and a.id = $2`,
};

export async function findAlert(db: Executor, org: OrgId, id: string): Promise<AlertRow | undefined> {
  return (await db.query<AlertRow>(byId, [org, id]))[0];
}

const counts: Statement = {
  name: 'alert-counts',
  text: `select severity, count(*)::integer as alerts from alerts where org_id = $1 and state = 'open' group by severity`,
};

/** How many alerts are open, by severity. */
export async function countOpenAlerts(db: Executor, org: OrgId): Promise<ReadonlyMap<Severity, number>> {
  const rows = await db.query<{ severity: Severity; alerts: number }>(counts, [org]);
  return new Map(rows.map(({ severity, alerts }) => [severity, alerts]));
}

/** Where counting the alerts of a state stops. */
const COUNTED = 1_000;

const byState: Statement = {
  name: 'alert-counts-by-state',
  text: `select s.state, c.alerts from unnest($2::text[]) as s (state) cross join lateral (
      select count(*)::integer as alerts from (
        select from alerts a where a.org_id = $1 and a.state = s.state limit ${COUNTED + 1}
      ) found
    ) c`,
};

/** Alerts in a state; no more than 1,000 are counted. */
export interface StateCount {
  readonly state: AlertState;
  readonly alerts: number;
  readonly isAtLeast: boolean;
}

export async function countAlertsByState(
  db: Executor,
  org: OrgId,
  states: readonly AlertState[],
): Promise<StateCount[]> {
  const rows = await db.query<{ state: AlertState; alerts: number }>(byState, [org, states]);
  return rows.map(({ state, alerts }) => ({
    state,
    alerts: Math.min(alerts, COUNTED),
    isAtLeast: alerts > COUNTED,
  }));
}

/** A user gets so many alerts a day; what more there is adds to none. */
const MOST_A_DAY = 5;

const insert: Statement = {
  name: 'alert-insert',
  text: `with found as (
      select * from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::uuid[],
        $9::timestamptz[], $10::jsonb[])
        as f (id, kind, severity, dedupe_key, exception_key, user_id, connection_id, at, detail)
    ), wanted as (
      select f.* from found f
      where not exists (select from alert_exceptions x where x.org_id = $1 and x.kind = f.kind
          and x.subject_id = coalesce(f.user_id, f.connection_id) and x.key = f.exception_key)
        and (f.user_id is null or exists (select from users u where u.org_id = $1 and u.id = f.user_id))
        and (f.user_id is null or exists (select from alerts a where a.org_id = $1 and a.dedupe_key = f.dedupe_key)
          or (select count(*) from alerts a where a.org_id = $1 and a.user_id = f.user_id
            and a.opened_at > f.at - interval '1 day') < ${MOST_A_DAY})
    )
    insert into alerts (org_id, id, kind, severity, state, dedupe_key, exception_key, user_id, connection_id, opened_at,
      last_at, occurrences, detail)
    select $1, id, kind, severity, 'open', dedupe_key, exception_key, user_id, connection_id, at, at, 1, detail from wanted
    on conflict (org_id, dedupe_key) do update set last_at = greatest(alerts.last_at, excluded.last_at),
      occurrences = alerts.occurrences + 1,
      -- The span to undo goes on from the one before, if they overlap.
      detail = excluded.detail || case when excluded.detail ->> 'undoFrom' <= alerts.detail ->> 'undoTo'
        then jsonb_build_object('undoFrom', least(alerts.detail ->> 'undoFrom', excluded.detail ->> 'undoFrom'))
        else '{}' end
    returning id, kind, severity, user_id as "userId", connection_id as "connectionId", occurrences = 1 as opened`,
};

export interface OpenedAlert {
  readonly id: string;
  readonly kind: AlertKind;
  readonly severity: Severity;
  readonly userId: string | null;
  readonly connectionId: string | null;
}

/**
 * Stores what detectors found. What is the same alert adds to it; what an administrator called not suspicious is left out.
 * @returns the alerts that are new
 */
export async function insertAlerts(
  tx: Executor,
  org: OrgId,
  findings: readonly Finding[],
  newId: () => string,
): Promise<readonly OpenedAlert[]> {
  // One statement cannot touch a row twice: the last of equal findings counts.
  const unique = [...new Map(findings.map((each) => [dedupeKey(each), each])).entries()];
  if (unique.length === 0) return [];
  const rows = await tx.query<OpenedAlert & { readonly opened: boolean }>(insert, [
    org,
    unique.map(() => newId()),
    unique.map(([, { kind }]) => kind),
    unique.map(([, { severity }]) => severity),
    unique.map(([key]) => key),
    unique.map(([, { key }]) => key),
    unique.map(([, { user }]) => user ?? null),
    unique.map(([, { connection }]) => connection ?? null),
    unique.map(([, { at }]) => at),
    unique.map(([, { detail }]) => JSON.stringify(detail)),
  ]);
  return rows.filter(({ opened }) => opened);
}

const decide: Statement = {
  name: 'alert-decide',
  text: `update alerts set state = $3, note = $4, decided_by = $5, decided_at = $6 where org_id = $1 and id = $2`,
};

export async function writeDecision(
  tx: Executor,
  org: OrgId,
  id: string,
  decision: {
    readonly state: AlertState;
    readonly note: string | undefined;
    readonly by: string;
    readonly at: string;
  },
): Promise<void> {
  await tx.query(decide, [org, id, decision.state, decision.note ?? null, decision.by, decision.at]);
}

const except: Statement = {
  name: 'alert-except',
  text: `insert into alert_exceptions (org_id, kind, subject_id, key, created_by, created_at)
    values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
};
const withdraw: Statement = {
  name: 'alert-withdraw-exception',
  text: 'delete from alert_exceptions where org_id = $1 and kind = $2 and subject_id = $3 and key = $4',
};

/** What an alert is about, for the next time. */
export interface AlertSubject {
  readonly kind: AlertKind;
  readonly subject: string;
  readonly key: string;
}

export async function insertException(
  tx: Executor,
  org: OrgId,
  { kind, subject, key }: AlertSubject,
  by: string,
  at: string,
): Promise<void> {
  await tx.query(except, [org, kind, subject, key, by, at]);
}

export async function deleteException(
  tx: Executor,
  org: OrgId,
  { kind, subject, key }: AlertSubject,
): Promise<void> {
  await tx.query(withdraw, [org, kind, subject, key]);
}

const exceptions: Statement = {
  name: 'alert-exceptions',
  text: `select kind, subject_id as subject, key from alert_exceptions where org_id = $1 and kind = any($2::text[])`,
};

/** What administrators called not suspicious. */
export function findExceptions(
  db: Executor,
  org: OrgId,
  kinds: readonly AlertKind[],
): Promise<AlertSubject[]> {
  return db.query<AlertSubject>(exceptions, [org, kinds]);
}

const rules: Statement = {
  name: 'alert-rules',
  text: 'select kind, settings from alert_rules where org_id = $1',
};

export async function findStoredRules(db: Executor, org: OrgId): Promise<ReadonlyMap<string, unknown>> {
  const rows = await db.query<{ kind: string; settings: unknown }>(rules, [org]);
  return new Map(rows.map(({ kind, settings }) => [kind, settings]));
}

const saveRule: Statement = {
  name: 'alert-rule-save',
  text: `insert into alert_rules (org_id, kind, settings) values ($1, $2, $3::jsonb)
    on conflict (org_id, kind) do update set settings = excluded.settings`,
};

export async function writeRule(tx: Executor, org: OrgId, kind: AlertKind, settings: object): Promise<void> {
  await tx.query(saveRule, [org, kind, JSON.stringify(settings)]);
}

const untold: Statement = {
  name: 'alerts-untold',
  text: `select ${columns} from alerts a where a.org_id = $1 and a.mailed_at is null and a.state = 'open'
    order by a.id limit $2 for update of a skip locked`,
};

/** Open alerts that no one was told of, held by the transaction. */
export function holdUntold(tx: Executor, org: OrgId, limit: number): Promise<AlertRow[]> {
  return tx.query<AlertRow>(untold, [org, limit]);
}

const told: Statement = {
  name: 'alerts-told',
  text: 'update alerts set mailed_at = $3 where org_id = $1 and id = any($2::uuid[])',
};

export async function markTold(tx: Executor, org: OrgId, ids: readonly string[], at: string): Promise<void> {
  await tx.query(told, [org, ids, at]);
}

/** Organizations with alerts that no one was told of. */
export async function findOrganizationsToTell(db: Database): Promise<OrgId[]> {
  const rows = await db.search<{ id: OrgId }>(
    `select o.id from organizations o where exists (select from alerts a where a.org_id = o.id and a.mailed_at is null
      and a.state = 'open')`,
    [],
  );
  return rows.map(({ id }) => id);
}

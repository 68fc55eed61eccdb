import { statedReason } from '../audit/declaration.ts';
import { findNames, type PartyName } from '../audit/store/names.ts';
import type { CommandDependencies } from '../directory/command-dependencies.ts';
import { DomainError } from '../directory/errors.ts';
import { notFound } from '../directory/not-found.ts';
import { type Authority, isSelf } from '../directory/roles/authority.ts';
import { requirePermission } from '../directory/roles/rules/guards.ts';
import { findAdministrators } from '../notifications/store/recipients.ts';
import type { Executor } from '../platform/db/statement.ts';
import { isUuid } from '../platform/ids.ts';
import { ALERT_KINDS, ALERT_STATES, type AlertState, type Severity } from './rules/alert.ts';
import { type RuleSettings, readRules } from './settings.ts';
import {
  type AlertFilter,
  type AlertRow,
  countAlertsByState,
  countOpenAlerts,
  deleteException,
  findAlert,
  findStoredRules,
  insertException,
  listAlerts,
  type StateCount,
  writeDecision,
  writeRule,
} from './store/alerts.ts';

/** An alert, with what the action that opened it made or changed, and whether the caller may decide about it. */
export interface SeenAlert extends AlertRow {
  /** With the name of today; undefined without one, and once it is gone. */
  readonly target: PartyName | undefined;
  readonly mayDecide: boolean;
}

export interface Alerts {
  /** The newest first. */
  list(
    by: Authority,
    filter: AlertFilter,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<readonly SeenAlert[]>;
  /** How many are open, by severity. */
  counts(by: Authority): Promise<ReadonlyMap<Severity, number>>;
  /** How many there are in each state. */
  countsByState(by: Authority): Promise<readonly StateCount[]>;
  /** @throws DomainError `not_found` */
  get(by: Authority, id: string): Promise<SeenAlert>;
  /**
   * Decides about an alert. One about the caller is for another administrator, where there is one.
   * `false_positive` teaches: the same of the same user opens no alert again, until the decision
   * is another one.
   * @throws DomainError `not_found`, `forbidden`, `self_change`
   */
  decide(by: Authority, id: string, state: AlertState, note: string | undefined): Promise<void>;
  /** All rules with what holds of each. */
  rules(by: Authority): Promise<RuleSettings>;
  /** Changes some rules, all of them or none. @throws DomainError `forbidden` */
  changeRules(by: Authority, changes: Partial<RuleSettings>): Promise<void>;
}

/** Whether an alert is about the caller, and another administrator is there to decide. */
async function isForAnother(tx: Executor, by: Authority, user: string | null, at: string): Promise<boolean> {
  if (user === null || !isSelf(by, user)) return false;
  return (await findAdministrators(tx, by.org, at)).some((id) => id !== user);
}

/** Builds what administrators do with alerts. */
export function createAlerts({ db, runner, now }: CommandDependencies): Alerts {
  const seen = async (by: Authority, rows: readonly AlertRow[]): Promise<SeenAlert[]> => {
    const targetOf = ({ detail }: AlertRow) => String(detail['target'] ?? '');
    const names = await findNames(db, by.org, rows.map(targetOf).filter(isUuid));
    const own = rows.find(({ userId }) => userId !== null && isSelf(by, userId))?.userId ?? null;
    const locked = await isForAnother(db, by, own, now().toISOString());
    return rows.map((row) => {
      const target = names.get(targetOf(row));
      return {
        ...row,
        target: target?.type === 'organization' ? undefined : target,
        mayDecide: !(locked && row.userId === own),
      };
    });
  };
  return {
    list: async (by, filter, page) => seen(by, await listAlerts(db, by.org, filter, page)),

    counts: ({ org }) => countOpenAlerts(db, org),

    countsByState: ({ org }) => countAlertsByState(db, org, ALERT_STATES),

    get: async (by, id) => {
      const alert = await findAlert(db, by.org, id);
      if (alert === undefined) throw notFound('alert');
      const [shown] = await seen(by, [alert]);
      return shown as SeenAlert;
    },

    decide: (by, id, state, note) =>
      runner.runAs(by, async ({ tx, org, at, recordEvent }, actor) => {
        requirePermission(actor, 'alerts:manage');
        const alert = await findAlert(tx, org, id);
        if (alert === undefined) throw notFound('alert');
        if (await isForAnother(tx, actor, alert.userId, at)) {
          throw new DomainError(
            'self_change',
            'This alert is about yourself: ask another administrator to decide about it.',
          );
        }
        await writeDecision(tx, org, id, { state, note, by: actor.rights.id, at });
        const subject = alert.userId ?? alert.connectionId;
        if (subject !== null && alert.exceptionKey !== null) {
          const about = { kind: alert.kind, subject, key: alert.exceptionKey };
          if (state === 'false_positive') await insertException(tx, org, about, actor.rights.id, at);
          else await deleteException(tx, org, about);
        }
        recordEvent({
          action: 'alert.decided',
          target: ['alert', id],
          changes: { values: { kind: [null, alert.kind], state: [alert.state, state] } },
          ...statedReason(note),
        });
      }),

    rules: async ({ org }) => readRules(await findStoredRules(db, org)),

    changeRules: (by, changes) =>
      runner.runAs(by, async ({ tx, org, recordEvent }, actor) => {
        requirePermission(actor, 'alerts:manage');
        const before = readRules(await findStoredRules(tx, org));
        const changed = ALERT_KINDS.filter((kind) => changes[kind] !== undefined);
        for (const kind of changed) await writeRule(tx, org, kind, changes[kind] as object);
        if (changed.length === 0) return;
        recordEvent({
          action: 'alert_rule.updated',
          target: ['organization', org],
          changes: {
            values: Object.fromEntries(changed.map((kind) => [kind, [before[kind], changes[kind]] as const])),
          },
        });
      }),
  };
}

export type { SeenAlert as Alert };

import { statedReason } from '../audit/declaration.ts';
import type { CommandDependencies } from '../directory/command-dependencies.ts';
import { notFound } from '../directory/not-found.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requirePermission } from '../directory/roles/rules/guards.ts';
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

export interface Alerts {
  /** The newest first. */
  list(
    by: Authority,
    filter: AlertFilter,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<readonly AlertRow[]>;
  /** How many are open, by severity. */
  counts(by: Authority): Promise<ReadonlyMap<Severity, number>>;
  /** How many there are in each state. */
  countsByState(by: Authority): Promise<readonly StateCount[]>;
  /** @throws DomainError `not_found` */
  get(by: Authority, id: string): Promise<AlertRow>;
  /**
   * Decides about an alert. `false_positive` teaches: the same of the same user opens no alert again, until the decision
   * is another one.
   * @throws DomainError `not_found`, `forbidden`
   */
  decide(by: Authority, id: string, state: AlertState, note: string | undefined): Promise<void>;
  /** All rules with what holds of each. */
  rules(by: Authority): Promise<RuleSettings>;
  /** Changes some rules, all of them or none. @throws DomainError `forbidden` */
  changeRules(by: Authority, changes: Partial<RuleSettings>): Promise<void>;
}

/** Builds what administrators do with alerts. */
export function createAlerts({ db, runner }: CommandDependencies): Alerts {
  return {
    list: ({ org }, filter, page) => listAlerts(db, org, filter, page),

    counts: ({ org }) => countOpenAlerts(db, org),

    countsByState: ({ org }) => countAlertsByState(db, org, ALERT_STATES),

    get: async ({ org }, id) => {
      const alert = await findAlert(db, org, id);
      if (alert === undefined) throw notFound('alert');
      return alert;
    },

    decide: (by, id, state, note) =>
      runner.runAs(by, async ({ tx, org, at, recordEvent }, actor) => {
        requirePermission(actor, 'alerts:manage');
        const alert = await findAlert(tx, org, id);
        if (alert === undefined) throw notFound('alert');
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

export type { AlertRow as Alert };

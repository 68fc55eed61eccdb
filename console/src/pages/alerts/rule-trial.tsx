import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, dataOf } from '../../api/client.ts';
import type { AlertRules, TriedAlertRule } from '../../api/schema.d.ts';
import { Failure } from '../../components/failure.tsx';
import { nameOf } from '../../components/person.tsx';
import { Status } from '../../components/status.tsx';
import { dateTime, inLocalTime, Time } from '../../components/time.tsx';
import { counted } from '../../components/words.ts';
import styles from './rule-trial.module.css';
import { type AlertKind, SEVERITIES } from './use-alerts.ts';

const DAYS = 30;
const DAY_MS = 86_400_000;

/** Rules about how things are, which have no past. */
const PRESENT: readonly AlertKind[] = [
  'query_volume',
  'expiring',
  'silent_connection',
  'failing_stream',
  'missing_domain_record',
];

/** What a rule would have opened, with the settings as they are in its form. */
export function RuleTrial({
  kind,
  draft,
  isChanged,
  children,
}: {
  readonly kind: AlertKind;
  readonly draft: AlertRules[AlertKind];
  /** Whether the settings differ from the stored ones. */
  readonly isChanged: boolean;
  /** Further buttons of the form. */
  readonly children: ReactNode;
}) {
  const trial = useMutation({
    mutationFn: async (rule: typeof draft) => {
      const body = { rules: { [kind]: rule }, days: DAYS };
      return dataOf(api.POST('/alert-rules/test', { body })).then(({ data }) => data[0]);
    },
  });
  // What was found holds for the settings that were tried.
  const isCurrent = JSON.stringify(trial.variables) === JSON.stringify(draft);
  return (
    <div>
      <div className="row wrap">
        {children}
        <Button loading={trial.isPending} onClick={() => trial.mutate(draft)}>
          {PRESENT.includes(kind) ? 'Try it now' : `Try it on the last ${DAYS} days`}
        </Button>
      </div>
      <div role="status" aria-label="What the rule would open">
        {isCurrent && trial.error !== null && <Failure error={trial.error} />}
        {isCurrent && trial.data !== undefined && <Result tried={trial.data} isChanged={isChanged} />}
      </div>
    </div>
  );
}

function Result({ tried, isChanged }: { readonly tried: TriedAlertRule; readonly isChanged: boolean }) {
  const { examples } = tried;
  return (
    <>
      <p className={styles.sentence}>{sentenceOf(tried, isChanged)}</p>
      {examples.length > 0 && (
        <ul className={styles.examples}>
          {examples.map(({ at, severity, user, connection, why }) => (
            <li key={`${at} ${user?.id} ${why}`}>
              <span className={styles.head}>
                <Status shape={SEVERITIES[severity][0]}>{SEVERITIES[severity][1]}</Status>
                <span className="muted">
                  <Time at={at} />
                </span>
                {user !== null && (
                  <Link to="/users/$userId" params={{ userId: user.id }} dir="auto">
                    {nameOf(user)}
                  </Link>
                )}
                {connection !== null && (
                  <Link to="/provisioning/$connectionId" params={{ connectionId: connection.id }} dir="auto">
                    {connection.name ?? 'Deleted connection'}
                  </Link>
                )}
              </span>
              <span className={styles.why}>{inLocalTime(why)}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function sentenceOf({ from, alerts, alertsAsStored, examples }: TriedAlertRule, isChanged: boolean): string {
  const compared = isChanged ? `, instead of ${alertsAsStored.toLocaleString('en-GB')}` : '';
  const shown = alerts > examples.length ? ` The latest ${examples.length}:` : '';
  const count = alerts === 0 ? 'no alert' : counted(alerts, 'alert', 'alerts');
  if (from === null) return `It would open ${count} now${compared}.${shown}`;
  const isCut = Date.now() - Date.parse(from) < (DAYS - 0.5) * DAY_MS;
  const since = isCut ? `since ${dateTime(from)}, as far as 2,000 events reach` : `in the last ${DAYS} days`;
  return `It would have opened ${count} ${since}${compared}.${shown}`;
}

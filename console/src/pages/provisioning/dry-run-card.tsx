import { Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import type { DryRunReport, ScimConnection } from '../../api/schema.d.ts';
import { Card } from '../../components/card.tsx';
import { Failure } from '../../components/failure.tsx';
import { RoleReport } from '../../components/role-report.tsx';
import { Tag } from '../../components/tag.tsx';
import styles from './provisioning.module.css';
import { useSettings } from './use-settings.ts';

const REFRESH_MS = 5_000;

const LINES: readonly (readonly [words: string, count: (report: DryRunReport) => number])[] = [
  ['New people', ({ users }) => users.created],
  ['Matched with people who are here', ({ users }) => users.takenOver],
  ['People changed', ({ users }) => users.changed],
  ['People activated', ({ users }) => users.activated],
  ['People deactivated', ({ users }) => users.deactivated],
  ['People deleted', ({ users }) => users.deleted],
  ['Groups made', ({ groups }) => groups.created],
  ['Groups changed', ({ groups }) => groups.changed],
  ['Groups deleted', ({ groups }) => groups.deleted],
  ['Would gain rights', ({ roles }) => roles.gained],
  ['Would lose rights', ({ roles }) => roles.lost],
];
/** Shown even while nothing has come. */
const ALWAYS = 2;

/** The first sync as a dry run: everything that the directory sends is decided and shown, and nothing is written. */
export function DryRunCard({ connection }: { readonly connection: ScimConnection }) {
  const { change, save } = useSettings(connection);
  const on = connection.dryRunSince !== null;
  const { data: report, error } = useQuery({
    queryKey: ['provisioning', 'connections', connection.id, 'dry-run'],
    queryFn: async () =>
      (await dataOf(
        api.GET('/scim/connections/{id}/dry-run', { params: { path: { id: connection.id } } }),
      )) as DryRunReport,
    enabled: on,
    refetchInterval: REFRESH_MS,
  });
  return (
    <Card
      title="First sync, as a dry run"
      acts={on ? <Tag tone="accent">Nothing is written</Tag> : <Tag>Off</Tag>}
    >
      {change.error !== null && <Failure error={change.error} />}
      <Switch
        label="Write nothing yet"
        checked={on}
        onChange={(event) => {
          const dryRun = event.currentTarget.checked;
          save(
            { dryRun },
            { dryRun: !dryRun },
            dryRun ? `${connection.name} writes nothing.` : `${connection.name} provisions.`,
          );
        }}
      />
      <p className="muted small">
        Everything that the directory sends is answered as if it were written, and shown here. Afterwards,
        have the directory send everything again.
      </p>
      {error !== null && <Failure error={error} />}
      {on && report !== undefined && (
        <>
          <p>{report.sentence}</p>
          <dl className={styles.lines}>
            {LINES.map(([words, count], at) => {
              const value = count(report);
              return value === 0 && at >= ALWAYS ? null : (
                <div key={words}>
                  <dt>{words}</dt>
                  <dd className="figures">{value === 0 ? '–' : value.toLocaleString('en-GB')}</dd>
                </div>
              );
            })}
            {report.refused.map(({ code, requests }) => (
              <div key={code}>
                <dt>
                  Refused: <code>{code}</code>
                </dt>
                <dd className="figures danger">{requests.toLocaleString('en-GB')}</dd>
              </div>
            ))}
          </dl>
          <RoleReport people={report.people} />
        </>
      )}
    </Card>
  );
}

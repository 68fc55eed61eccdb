import { Button } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import type { ScimSelfTest } from '../../api/schema.d.ts';
import { Card } from '../../components/card.tsx';
import { Failure } from '../../components/failure.tsx';
import { SmallTable } from '../../components/small-table.tsx';
import { type Shape, Status } from '../../components/status.tsx';
import type { ProviderKey } from './providers.ts';
import styles from './provisioning.module.css';

const MARKS: Readonly<Record<ScimSelfTest['checks'][number]['state'] | 'skipped', readonly [Shape, string]>> =
  {
    passed: ['disc', 'Passed'],
    warning: ['diamond', 'Warning'],
    failed: ['square', 'Failed'],
    skipped: ['hollow', 'Not tried'],
  };

const CHECKS: Readonly<Record<ScimSelfTest['checks'][number]['name'], string>> = {
  address: 'Address',
  token: 'Token',
  rate: 'Request limit',
  mode: 'Dry run',
};

/** Whose requests a self-test sends. */
type Sends = ScimSelfTest['provider'];

/** A connection answers what a provider would send, before the provider sends it. */
export function SelfTestCard({
  provider,
  run,
}: {
  readonly provider: ProviderKey;
  readonly run: (sends: Sends) => Promise<ScimSelfTest>;
}) {
  const description = useId();
  const client = useQueryClient();
  const sends: Sends = provider === 'entra' ? 'entra' : 'okta';
  const test = useMutation({
    mutationFn: () => run(sends),
    onSuccess: () => client.invalidateQueries({ queryKey: ['audit'] }),
  });
  const report = test.data;
  return (
    <Card
      title="Self-test"
      acts={
        <Button
          size="xs"
          loading={test.isPending}
          aria-describedby={description}
          leftSection={<IconPlayerPlay size={14} stroke={1.5} aria-hidden />}
          onClick={() => test.mutate()}
        >
          {report === undefined ? 'Run the self-test' : 'Run it again'}
        </Button>
      }
    >
      <p className="muted small" id={description}>
        Runs through what {sends === 'entra' ? 'Microsoft Entra ID' : 'Okta'} sends for one person and one
        group, with the settings of this connection, then undoes all of it. Nothing is changed or sent.
      </p>
      {test.error !== null && <Failure error={test.error} />}
      <output className={styles.verdict}>
        {report !== undefined && (
          <>
            <Status shape={report.passed ? 'disc' : 'square'}>
              <b>{report.passed ? 'The self-test passed.' : 'The self-test failed.'}</b>
            </Status>{' '}
            {report.sentence}
          </>
        )}
      </output>
      {report !== undefined && (
        <>
          <ul className={styles.checks} aria-label="The server’s side">
            {report.checks.map(({ name, state, sentence }) => {
              const [shape, word] = MARKS[state];
              return (
                <li key={name} className={styles.check}>
                  <Status shape={shape}>{word}</Status>
                  <b>{CHECKS[name]}</b>
                  <span className={styles.path}>{sentence}</span>
                </li>
              );
            })}
          </ul>
          <SmallTable caption="Requests of the self-test" headers={['Result', 'Step', 'Status', 'Time']}>
            {report.steps.map((step) => (
              <StepRow key={step.name} step={step} />
            ))}
          </SmallTable>
        </>
      )}
    </Card>
  );
}

function StepRow({ step }: { readonly step: ScimSelfTest['steps'][number] }) {
  const { name, method, path, outcome, status, ms, quirks, error } = step;
  const [shape, word] = MARKS[outcome];
  return (
    <tr>
      <td className={styles.outcome}>
        <Status shape={shape}>{word}</Status>
      </td>
      <td>
        {name}
        <div className="muted small">
          <code className={styles.path}>
            {method} {path}
          </code>
        </div>
        {quirks.length > 0 && <div className="muted small">Tolerated: {quirks.join(', ')}</div>}
        {error !== null && (
          <div className={styles.remedy}>
            <p className="danger">{error.detail}</p>
            <p>{error.meaning}</p>
            <p>{error.remedy}</p>
          </div>
        )}
      </td>
      <td className={`figures ${styles.outcome}`}>{status ?? '–'}</td>
      <td className={`figures muted ${styles.outcome}`}>{ms === null ? '–' : `${ms} ms`}</td>
    </tr>
  );
}

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { SsoConnection, SsoTrace } from '../../../api/schema.d.ts';
import { usePageSearch } from '../../../app/use-search.ts';
import { Note } from '../../../components/note.tsx';
import { StepMark, type StepState } from '../../../components/steps.tsx';
import { clockOrDate } from '../../../components/time.tsx';
import { SetUpLinks } from '../../set-up-links/set-up-links.tsx';
import { DomainsPanel } from '../domains-panel.tsx';
import { guideOf } from '../sso-providers.ts';
import { isComplete, isSaml, testResultQuery } from '../use-sso.ts';
import { ActivateStep } from './activate-step.tsx';
import { AppStep } from './app-step.tsx';
import { MetadataStep } from './metadata-step.tsx';
import { OidcStep } from './oidc-step.tsx';
import { TestStep } from './test-step.tsx';
import styles from './wizard.module.css';

interface WizardStep {
  readonly key: string;
  readonly label: string;
  /** What has come of it. */
  readonly result: string;
  readonly isDone: boolean;
  readonly panel: () => ReactNode;
}

/** The way from a draft, which affects no one, to an active connection. */
export function Wizard({ connection }: { readonly connection: SsoConnection }) {
  const [search, setSearch] = usePageSearch();
  const { data: result = null } = useQuery(testResultQuery(connection.id));
  const steps = stepsOf(connection, result);
  const isReady = isComplete(connection);
  const first = steps.find(({ isDone, key }) => !isDone && !(key === 'domains' && isReady)) ?? steps.at(-1);
  const current = steps.find(({ key }) => key === search['step']) ?? (first as WizardStep);
  const at = steps.indexOf(current);
  const go = (step: WizardStep | undefined) =>
    step !== undefined && setSearch({ step: step.key }, { replace: false });
  const stateOf = (step: WizardStep): StepState =>
    step === current && !step.isDone ? 'current' : step.isDone ? 'done' : 'next';
  return (
    <div className={styles.wizard}>
      <nav aria-label="Steps" className={styles.rail}>
        <ol>
          {steps.map((step, index) => (
            <li key={step.key}>
              <button
                type="button"
                aria-current={step === current ? 'step' : undefined}
                onClick={() => go(step)}
              >
                <StepMark number={index + 1} state={stateOf(step)} />
                <span>
                  <b>{step.label}</b>
                  <span className="muted small">{step.result}</span>
                </span>
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <div className={styles.main}>
        <div className={styles.panel}>
          {connection.state === 'active' && at < steps.length - 1 && (
            <Note tone="warning">
              This connection is active: changes apply from the next sign-in. Test it afterwards.
            </Note>
          )}
          {current.panel()}
        </div>
        <div className={styles.footer}>
          <span className="muted grow">
            {connection.state === 'active'
              ? 'People sign in through this connection.'
              : 'Nothing changes for anyone before you activate.'}
          </span>
          {at > 0 && <Button onClick={() => go(steps[at - 1])}>Back</Button>}
          {at < steps.length - 1 && (
            <Button variant={current.isDone ? 'filled' : 'default'} onClick={() => go(steps[at + 1])}>
              Continue to {nameOfStep(steps[at + 1] as WizardStep)}
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}

const nameOfStep = ({ key, label }: WizardStep): string =>
  key === 'activate' ? 'activation' : label.toLowerCase();

function stepsOf(connection: SsoConnection, result: SsoTrace | null): readonly WizardStep[] {
  const guide = guideOf(connection);
  const { settings, domains, metadata, testedAt, state } = connection;
  const complete = isComplete(connection);
  const verified = domains.filter(({ verifiedAt }) => verifiedAt !== null);
  return [
    {
      key: 'app',
      label: 'Create the app',
      result: guide.name.startsWith('Another')
        ? 'At the provider'
        : `In ${guide.name.replace(/ \(.*\)$/, '')}`,
      isDone: complete,
      panel: () => (
        <>
          <AppStep connection={connection} guide={guide} />
          <SetUpLinks of="sso" connectionId={connection.id} connectionName={connection.name} />
        </>
      ),
    },
    isSaml(settings)
      ? {
          key: 'metadata',
          label: 'Metadata',
          result: !complete
            ? 'Nothing entered yet'
            : settings.metadataUrl === null
              ? 'Pasted'
              : metadata.checkedAt === null
                ? 'By URL'
                : `By URL, read ${clockOrDate(metadata.checkedAt)}`,
          isDone: complete,
          panel: () => <MetadataStep connection={connection} settings={settings} guide={guide} />,
        }
      : {
          key: 'client',
          label: 'Issuer and client',
          result: complete ? new URL(settings.issuer).host : 'Nothing entered yet',
          isDone: complete,
          panel: () => (
            <OidcStep key={connection.version} connection={connection} settings={settings} guide={guide} />
          ),
        },
    {
      key: 'domains',
      label: 'Domains',
      result:
        verified.length > 0
          ? `${verified.map(({ domain }) => domain).join(', ')} verified`
          : domains.length > 0
            ? 'Not verified yet'
            : 'None yet',
      isDone: verified.length > 0,
      panel: () => (
        <>
          <h2>Domains</h2>
          <DomainsPanel connection={connection} />
        </>
      ),
    },
    {
      key: 'test',
      label: 'Test sign-in',
      result:
        testedAt !== null
          ? `Passed, ${clockOrDate(testedAt)}`
          : result === null
            ? 'Not tested yet'
            : result.outcome === 'refused'
              ? 'Refused'
              : 'Changed since the last test',
      isDone: testedAt !== null,
      panel: () => <TestStep connection={connection} guide={guide} />,
    },
    {
      key: 'activate',
      label: 'Activate',
      result: state === 'active' ? 'Active' : state === 'off' ? 'Switched off' : 'Last step',
      isDone: state === 'active',
      panel: () => <ActivateStep connection={connection} />,
    },
  ];
}

import { Button, Loader, SegmentedControl } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import type { ScimConnection, ScimHealth, ScimSelfTest } from '../../api/schema.d.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { CopyValues } from '../../components/copy.tsx';
import { Note } from '../../components/note.tsx';
import { Status } from '../../components/status.tsx';
import { Step, type StepState, Steps } from '../../components/steps.tsx';
import { Time } from '../../components/time.tsx';
import { capitalized, counted } from '../../components/words.ts';
import { SetUpLinks } from '../set-up-links/set-up-links.tsx';
import { DryRunCard } from './dry-run-card.tsx';
import { PROVIDERS, type ProviderKey, providerOf } from './providers.ts';
import styles from './provisioning.module.css';
import { SelfTestCard } from './self-test-card.tsx';
import { IssueToken } from './tokens/token-dialogs.tsx';

/** The steps at the identity provider, under its own labels; what can be noticed is ticked off by itself. */
export function SetUpTab({
  connection,
  health,
}: {
  readonly connection: ScimConnection;
  readonly health: ScimHealth | undefined;
}) {
  const [search, setSearch] = usePageSearch();
  const [issues, setIssues] = useState(false);
  const provider = providerOf(search['provider'], connection.name);
  const guide = PROVIDERS[provider];
  const called = provider === 'other' ? 'the identity provider' : guide.name;
  const hasToken = connection.tokenCount > 0;
  const wasTested = health !== undefined && health.lastRequestAt !== null;
  const hasUsers = health !== undefined && health.users > 0;
  const done = [
    wasTested,
    wasTested,
    hasToken,
    wasTested,
    hasUsers,
    health !== undefined && health.groups > 0,
  ];
  const current = done.indexOf(false);
  const state = (at: number): StepState => (done[at] ? 'done' : at === current ? 'current' : 'next');
  return (
    <div className={styles.padded}>
      <div className={styles.columns}>
        <div className="stack" style={{ gap: 18 }}>
          <SegmentedControl
            aria-label="Identity provider"
            style={{ alignSelf: 'start' }}
            data={Object.entries(PROVIDERS).map(([value, { name }]) => ({ value, label: name }))}
            value={provider}
            onChange={(value) => setSearch({ provider: value as ProviderKey })}
          />
          {!connection.baseUrl.startsWith('https://') && (
            <Note tone="warning">
              Identity providers in the cloud need a public https address: set PUBLIC_URL to it
              (docs/production.md).
            </Note>
          )}
          <Steps>
            <Step
              number={1}
              state={state(0)}
              title={`Create the app in ${called}`}
              where={guide.create.where}
            >
              <p>{guide.create.how}</p>
            </Step>
            <Step
              number={2}
              state={state(1)}
              title={`Copy the address into ${called}`}
              where={guide.address.where}
            >
              <CopyValues label={`Values for ${called}`} values={guide.address.values(connection.baseUrl)} />
            </Step>
            <Step
              number={3}
              state={state(2)}
              title="Copy a token"
              where={`${capitalized(called)} calls it ${guide.token}.`}
            >
              <div className="row wrap">
                <Button
                  variant={hasToken ? 'default' : 'filled'}
                  leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
                  onClick={() => setIssues(true)}
                >
                  {hasToken ? 'Issue another token' : 'Issue a token'}
                </Button>
                <span className="muted">
                  {hasToken
                    ? `${counted(connection.tokenCount, 'token works', 'tokens work')} already.`
                    : 'It is shown once.'}
                </span>
              </div>
            </Step>
            <Step number={4} state={state(3)} title={`Press “${guide.test.button}” in ${called}`}>
              <p>{guide.test.afterwards}</p>
              <output className={styles.waiting}>
                {wasTested ? (
                  <>
                    <Status shape={health.failingSince === null ? 'disc' : 'square'}>
                      {health.failingSince === null
                        ? 'Requests are arriving'
                        : 'Requests are arriving but failing'}
                    </Status>
                    <span className="grow" />
                    <span className="muted">
                      last one <Time at={health.lastRequestAt} />
                    </span>
                  </>
                ) : (
                  <>
                    <Loader size={14} aria-hidden />
                    Waiting for the first request from {called}
                    <span className="grow" />
                    <span className="muted">This page updates automatically</span>
                  </>
                )}
              </output>
            </Step>
            <Step number={5} state={state(4)} title="Assign one test person first">
              <p>{guide.assign}</p>
              {hasUsers && (
                <p className="muted">{counted(health.users, 'person has', 'people have')} arrived.</p>
              )}
            </Step>
            <Step number={6} state={state(5)} title="Groups, and everyone else">
              <p>{guide.groups}</p>
              <p className="muted">
                <code>{guide.page}</code> describes every step in detail, and what each error message means.
              </p>
            </Step>
          </Steps>
          <SelfTestCard
            key={provider}
            provider={provider}
            run={async (sends) =>
              (await dataOf(
                api.POST('/scim/connections/{id}/self-test', {
                  params: { path: { id: connection.id } },
                  body: { provider: sends },
                }),
              )) as ScimSelfTest
            }
          />
        </div>
        <div className="stack" style={{ gap: 18 }}>
          <DryRunCard connection={connection} />
          <SetUpLinks of="scim" connectionId={connection.id} connectionName={connection.name} />
        </div>
      </div>
      {issues && (
        <IssueToken connection={connection} calledThere={guide.token} onClose={() => setIssues(false)} />
      )}
    </div>
  );
}

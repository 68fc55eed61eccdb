import { Button } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { dataOf } from '../../api/client.ts';
import type { ScimSelfTest } from '../../api/schema.d.ts';
import { useChange } from '../../api/use-change.ts';
import { CopyValues, Secret } from '../../components/copy.tsx';
import { Failure } from '../../components/failure.tsx';
import { Note } from '../../components/note.tsx';
import { Step, Steps } from '../../components/steps.tsx';
import { providerOf } from '../provisioning/providers.ts';
import { SelfTestCard } from '../provisioning/self-test-card.tsx';
import { linkApi } from './link-client.ts';
import styles from './set-up-page.module.css';

/** Provisioning: where the provider sends to, with which token, and whether it works. */
export function ScimSetUp() {
  const { data, error } = useQuery({
    queryKey: ['set-up-link', 'scim'],
    queryFn: () => dataOf(linkApi.GET('/set-up-link/scim')),
  });
  const issue = useChange(
    () => dataOf(linkApi.POST('/set-up-link/scim/tokens', { body: {} })),
    [['set-up-link']],
  );
  const check = useMutation({ mutationFn: () => dataOf(linkApi.POST('/set-up-link/scim/test')) });
  if (error !== null) return <Failure error={error} />;
  if (data === undefined) return null;
  const live = data.tokens.filter(({ revokedAt }) => revokedAt === null);
  const hasToken = live.length > 0;
  return (
    <Steps>
      <Step
        number={1}
        state="done"
        title="Enter the address at the provider"
        where="Okta: SCIM connector base URL. Microsoft Entra ID: Tenant URL."
      >
        <CopyValues label="Address" values={[{ label: 'Base URL', value: data.baseUrl }]} />
      </Step>
      <Step
        number={2}
        state={hasToken ? 'done' : 'current'}
        title="Enter a token there"
        where="Okta: API Token, as HTTP Header. Microsoft Entra ID: Secret Token."
      >
        {issue.error !== null && <Failure error={issue.error} />}
        {issue.data === undefined ? (
          <div className="row wrap">
            <Button
              variant={hasToken ? 'default' : 'filled'}
              loading={issue.isPending}
              onClick={() => issue.mutate()}
            >
              {hasToken ? 'Make another token' : 'Make a token'}
            </Button>
            {hasToken && (
              <span className="muted">
                {live.length === 1
                  ? 'One token is there already.'
                  : `${live.length} tokens are there already.`}
              </span>
            )}
          </div>
        ) : (
          <>
            <Note tone="warning">You won’t be able to see it again. Copy it now.</Note>
            <Secret value={issue.data.token} what="the token" />
          </>
        )}
      </Step>
      <Step
        number={3}
        state={check.data?.passed ? 'done' : 'current'}
        title="Test the connection here, then at the provider"
      >
        <SelfTestCard
          provider={providerOf(undefined, data.name)}
          run={async (sends) =>
            (await dataOf(
              linkApi.POST('/set-up-link/scim/self-test', { body: { provider: sends } }),
            )) as ScimSelfTest
          }
        />
        <p className="muted">
          Okta: Test API Credentials. Microsoft Entra ID: Test Connection. Assign one test person first.
        </p>
        {check.error !== null && <Failure error={check.error} />}
        {check.data !== undefined && (
          <div role="status">
            <ul className={styles.checks}>
              {check.data.checks.map(({ name, passed, sentence }) => (
                <li key={name}>
                  {passed ? (
                    <IconCheck size={16} stroke={1.5} className="success" aria-label="Passed" />
                  ) : (
                    <IconX size={16} stroke={1.5} className="danger" aria-label="Not yet" />
                  )}
                  {sentence}
                </li>
              ))}
            </ul>
          </div>
        )}
        <div>
          <Button loading={check.isPending} onClick={() => check.mutate()}>
            {check.data === undefined ? 'Check what has arrived' : 'Check again'}
          </Button>
        </div>
      </Step>
    </Steps>
  );
}

import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { dataOf } from '../../api/client.ts';
import { CopyValues } from '../../components/copy.tsx';
import { Failure } from '../../components/failure.tsx';
import { Note } from '../../components/note.tsx';
import { Status } from '../../components/status.tsx';
import { Step, Steps } from '../../components/steps.tsx';
import { guideOf, valuesFor } from '../sso/sso-providers.ts';
import { linkApi } from './link-client.ts';
import { Client, isRead, Metadata, type Props } from './sso-provider.tsx';
import { useLinkChange } from './use-link-change.ts';

/** Single sign-on: values for the provider, what it answers, domains, a test, activation where the link allows it. */
export function SsoSetUp({ mayActivate }: { readonly mayActivate: boolean }) {
  const { data, error } = useQuery({
    queryKey: ['set-up-link', 'sso'],
    queryFn: () => dataOf(linkApi.GET('/set-up-link/sso')),
  });
  if (error !== null) return <Failure error={error} />;
  if (data === undefined) return null;
  const read = isRead(data);
  const tested = data.testedAt !== null;
  return (
    <Steps>
      <Step number={1} state="done" title="Create an app at the provider, and enter these values">
        <CopyValues label="Values for the provider" values={valuesFor(data, guideOf(data))} />
      </Step>
      <Step
        number={2}
        state={read ? 'done' : 'current'}
        title={data.protocol === 'saml' ? 'Give us the provider’s metadata' : 'Enter what the provider shows'}
      >
        {data.protocol === 'saml' ? <Metadata connection={data} /> : <Client connection={data} />}
      </Step>
      <Step
        number={3}
        state={
          data.domains.length > 0 && data.domains.every(({ verifiedAt }) => verifiedAt !== null)
            ? 'done'
            : 'next'
        }
        title="Enter the email domains, and verify them"
      >
        <Domains key={data.domains.length} connection={data} />
      </Step>
      <Step
        number={4}
        state={tested ? 'done' : read ? 'current' : 'next'}
        title="Test a sign-in with exactly these settings"
      >
        <Test connection={data} />
      </Step>
      <Step number={5} state={data.state === 'active' ? 'done' : 'next'} title="Activate">
        <Activate connection={data} mayActivate={mayActivate} />
      </Step>
    </Steps>
  );
}

function Domains({ connection }: Props) {
  const [text, setText] = useState(connection.domains.map(({ domain }) => domain).join(', '));
  const put = useLinkChange(() =>
    dataOf(
      linkApi.PUT('/set-up-link/sso/domains', {
        body: {
          domains: text
            .split(/[\s,;]+/)
            .filter((domain) => domain !== '')
            .map((domain) => ({ domain })),
        },
      }),
    ),
  );
  const verify = useLinkChange((domain: string) =>
    dataOf(linkApi.POST('/set-up-link/sso/domains/{domain}/verify', { params: { path: { domain } } })),
  );
  const error = put.error ?? verify.error;
  return (
    <>
      {error !== null && <Failure error={error} />}
      <form
        className="row"
        style={{ alignItems: 'end' }}
        onSubmit={(event) => {
          event.preventDefault();
          put.mutate(undefined);
        }}
      >
        <TextInput
          className="grow"
          label="Domains"
          placeholder="halden.example, halden.test"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit" loading={put.isPending}>
          Save the domains
        </Button>
      </form>
      {connection.domains.map(({ domain, verifiedAt, record }) => (
        <div key={domain} className="stack" style={{ gap: 8 }}>
          <div className="row">
            <b className="grow">{domain}</b>
            {verifiedAt === null ? (
              <Status shape="ring">Not verified yet</Status>
            ) : (
              <Status shape="disc">Verified</Status>
            )}
          </div>
          {verifiedAt === null && (
            <>
              <CopyValues
                label={`DNS record of ${domain}`}
                values={[
                  { label: `${record.type} record`, value: record.name },
                  { label: 'Value', value: record.value },
                ]}
              />
              <div>
                <Button size="xs" loading={verify.isPending} onClick={() => verify.mutate(domain)}>
                  Check the record
                </Button>
              </div>
            </>
          )}
        </div>
      ))}
    </>
  );
}

function Test({ connection }: Props) {
  const result = useQuery({
    queryKey: ['set-up-link', 'test-result'],
    queryFn: () => dataOf(linkApi.GET('/set-up-link/sso/test-result')),
    refetchOnWindowFocus: 'always',
  });
  const start = useLinkChange(async () => {
    const { testUrl } = await dataOf(linkApi.POST('/set-up-link/sso/test'));
    window.open(testUrl, '_blank', 'noopener');
  });
  const found = result.data;
  return (
    <>
      {start.error !== null && <Failure error={start.error} />}
      <div className="row">
        <Button
          disabled={!isRead(connection)}
          loading={start.isPending}
          onClick={() => start.mutate(undefined)}
        >
          Test a sign-in
        </Button>
        <span className="muted small">It opens in another tab. No one is signed in or changed.</span>
      </div>
      {found && (
        <Note tone={found.outcome === 'tested' ? 'success' : 'danger'} role="status">
          <b>
            {found.outcome === 'tested' ? 'The test passed.' : (found.happened ?? 'The test was refused.')}
          </b>{' '}
          {found.outcome === 'tested' ? found.wouldBe?.sentence : found.remedy}
          {found.detail !== null && <p className="small">{found.detail}</p>}
        </Note>
      )}
    </>
  );
}

function Activate({ connection, mayActivate }: Props & { readonly mayActivate: boolean }) {
  const activate = useLinkChange(() => dataOf(linkApi.POST('/set-up-link/sso/activate')));
  if (connection.state === 'active') return <Status shape="disc">Active</Status>;
  if (!mayActivate)
    return (
      <p className="muted">After the test, an administrator activates it. You have nothing more to do.</p>
    );
  return (
    <>
      {activate.error !== null && <Failure error={activate.error} />}
      <div>
        <Button
          variant="filled"
          disabled={connection.testedAt === null}
          loading={activate.isPending}
          onClick={() => activate.mutate(undefined)}
        >
          Let people sign in with it
        </Button>
      </div>
    </>
  );
}

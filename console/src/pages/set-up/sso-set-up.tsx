import { Button, PasswordInput, Tabs, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, dataOf } from '../../api/client.ts';
import type { SsoConnection } from '../../api/schema.d.ts';
import { useChange } from '../../api/use-change.ts';
import { CopyValues } from '../../components/copy.tsx';
import { Failure } from '../../components/failure.tsx';
import { Note } from '../../components/note.tsx';
import { Status } from '../../components/status.tsx';
import { Step, Steps } from '../../components/steps.tsx';
import { guideOf, valuesFor } from '../sso/sso-providers.ts';
import { linkApi } from './link-client.ts';

/** A change with the link: what it shows is asked for again. */
function useLinkChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  return useChange(change, [['set-up-link']]);
}

const isRead = ({ settings }: SsoConnection): boolean =>
  'entityId' in settings ? settings.entityId !== '' : settings.issuer !== '' && settings.clientId !== '';

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
        state={data.domains.length > 0 ? 'done' : 'next'}
        title="Name the email domains, and prove them"
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

interface Props {
  readonly connection: SsoConnection;
}

function Metadata({ connection }: Props) {
  const [url, setUrl] = useState('');
  const [xml, setXml] = useState('');
  const give = useLinkChange((body: { readonly url: string } | { readonly xml: string }) =>
    dataOf(linkApi.POST('/set-up-link/sso/metadata', { body })),
  );
  const about = (field: string) => (give.error instanceof ApiError ? give.error.about(field) : undefined);
  return (
    <>
      {isRead(connection) && (
        <p>
          <Status shape="disc">Read</Status> from{' '}
          <code>{(connection.settings as { entityId: string }).entityId}</code>
        </p>
      )}
      {give.error !== null && about('url') === undefined && about('xml') === undefined && (
        <Failure error={give.error} />
      )}
      <Tabs defaultValue="url">
        <Tabs.List aria-label="How the metadata is given">
          <Tabs.Tab value="url">By URL</Tabs.Tab>
          <Tabs.Tab value="xml">Paste</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="url" pt={12}>
          <form
            className="row"
            style={{ alignItems: 'start' }}
            onSubmit={(event) => {
              event.preventDefault();
              give.mutate({ url: url.trim() });
            }}
          >
            <TextInput
              className="grow"
              aria-label="Metadata URL"
              placeholder="https://…"
              value={url}
              error={about('url')}
              onChange={(event) => setUrl(event.currentTarget.value)}
            />
            <Button type="submit" loading={give.isPending} disabled={url.trim() === ''}>
              Read the metadata
            </Button>
          </form>
        </Tabs.Panel>
        <Tabs.Panel value="xml" pt={12}>
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              give.mutate({ xml });
            }}
          >
            <Textarea
              aria-label="Metadata XML"
              minRows={5}
              maxRows={12}
              value={xml}
              error={about('xml')}
              onChange={(event) => setXml(event.currentTarget.value)}
            />
            <div>
              <Button type="submit" loading={give.isPending} disabled={xml.trim() === ''}>
                Use the metadata
              </Button>
            </div>
          </form>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function Client({ connection }: Props) {
  const settings = connection.settings as { readonly issuer: string; readonly clientId: string };
  const [issuer, setIssuer] = useState(settings.issuer);
  const [clientId, setClientId] = useState(settings.clientId);
  const [secret, setSecret] = useState('');
  const save = useLinkChange(() =>
    dataOf(
      linkApi.PATCH('/set-up-link/sso', {
        body: {
          settings: { issuer: issuer.trim(), clientId: clientId.trim() },
          ...(secret === '' ? {} : { clientSecret: secret }),
        },
      }),
    ),
  );
  const error = save.error instanceof ApiError ? save.error : undefined;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined, { onSuccess: () => setSecret('') });
      }}
    >
      {error !== undefined && error.errors.length === 0 && <Failure error={error} />}
      <TextInput
        label="Issuer"
        value={issuer}
        error={error?.about('settings.issuer')}
        onChange={(event) => setIssuer(event.currentTarget.value)}
      />
      <TextInput
        label="Client ID"
        value={clientId}
        error={error?.about('settings.clientId')}
        onChange={(event) => setClientId(event.currentTarget.value)}
      />
      <PasswordInput
        label="Client secret"
        {...(connection.hasClientSecret
          ? { description: 'One is stored. Leave this empty to keep it.' }
          : {})}
        autoComplete="off"
        value={secret}
        error={error?.about('clientSecret')}
        onChange={(event) => setSecret(event.currentTarget.value)}
      />
      <div>
        <Button type="submit" loading={save.isPending}>
          Save these values
        </Button>
      </div>
    </form>
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
              <Status shape="ring">Not proved yet</Status>
            ) : (
              <Status shape="disc">Proved</Status>
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
                  Look for the record
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
        <span className="muted small">It opens in another tab, signs in no one and changes no one.</span>
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
    return <p className="muted">An administrator activates it after the test. You are done then.</p>;
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

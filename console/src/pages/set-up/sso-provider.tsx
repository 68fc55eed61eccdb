import { Button, PasswordInput, Tabs, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiError, dataOf } from '../../api/client.ts';
import type { SsoConnection } from '../../api/schema.d.ts';
import { Failure } from '../../components/failure.tsx';
import { Status } from '../../components/status.tsx';
import { linkApi } from './link-client.ts';
import { useLinkChange } from './use-link-change.ts';

export interface Props {
  readonly connection: SsoConnection;
}

/** Whether what the provider has to say is there. */
export const isRead = ({ settings }: SsoConnection): boolean =>
  'entityId' in settings ? settings.entityId !== '' : settings.issuer !== '' && settings.clientId !== '';

/** What a SAML provider publishes, by its address or pasted. */
export function Metadata({ connection }: Props) {
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

/** What an OpenID Connect provider shows of the app. */
export function Client({ connection }: Props) {
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

import { Button, Select, Switch, Tabs, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../../api/client.ts';
import type { SsoConnection } from '../../../api/schema.d.ts';
import { Card } from '../../../components/card.tsx';
import { Failure } from '../../../components/failure.tsx';
import { Note } from '../../../components/note.tsx';
import { Time } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.tsx';
import type { SsoGuide } from '../sso-providers.ts';
import { at, type SamlSettings, useSsoChange } from '../use-sso.ts';
import { Warnings } from './warnings.tsx';

interface Props {
  readonly connection: SsoConnection;
  readonly settings: SamlSettings;
}

/** The provider's metadata, by address or pasted, and what was read from it. */
export function MetadataStep({ connection, settings, guide }: Props & { readonly guide: SsoGuide }) {
  const [url, setUrl] = useState(settings.metadataUrl ?? '');
  const [xml, setXml] = useState('');
  const give = useSsoChange((body: { readonly url: string } | { readonly xml: string }) =>
    dataOf(api.POST('/sso/connections/{id}/metadata', { ...at(connection), body })),
  );
  const submit = (body: { readonly url: string } | { readonly xml: string }) =>
    give.mutate(body, {
      onSuccess: () => {
        setXml('');
        toast('The metadata was read.');
      },
    });
  const about = (field: string) => (give.error instanceof ApiError ? give.error.about(field) : undefined);
  const isBeside = about('url') !== undefined || about('xml') !== undefined;
  return (
    <>
      <section className="stack" style={{ gap: 14 }}>
        <div>
          <h2>Metadata of the provider</h2>
          <p className="muted">{guide.metadata}</p>
        </div>
        {give.error !== null && !isBeside && <Failure error={give.error} />}
        <Tabs defaultValue="url">
          <Tabs.List aria-label="How the metadata is given">
            <Tabs.Tab value="url">By URL</Tabs.Tab>
            <Tabs.Tab value="xml">Paste</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="url" pt={12}>
            <form
              className="row wrap"
              style={{ alignItems: 'start' }}
              onSubmit={(event) => {
                event.preventDefault();
                submit({ url: url.trim() });
              }}
            >
              <TextInput
                className="grow"
                style={{ flexBasis: 220 }}
                aria-label="Metadata URL"
                placeholder="https://…"
                value={url}
                maxLength={2_000}
                error={about('url')}
                onChange={(event) => setUrl(event.currentTarget.value)}
              />
              <Button type="submit" variant="filled" loading={give.isPending} disabled={url.trim() === ''}>
                Read the metadata
              </Button>
            </form>
            <p className="muted small" style={{ marginTop: 6 }}>
              It is read again every day. New certificates are accepted automatically; any other change waits
              for your confirmation.
            </p>
          </Tabs.Panel>
          <Tabs.Panel value="xml" pt={12}>
            <form
              className="stack"
              onSubmit={(event) => {
                event.preventDefault();
                submit({ xml });
              }}
            >
              <Textarea
                aria-label="Metadata XML"
                placeholder="<EntityDescriptor …"
                minRows={6}
                maxRows={14}
                value={xml}
                error={about('xml')}
                onChange={(event) => setXml(event.currentTarget.value)}
              />
              <div className="row">
                <Button type="submit" variant="filled" loading={give.isPending} disabled={xml.trim() === ''}>
                  Use the metadata
                </Button>
              </div>
            </form>
          </Tabs.Panel>
        </Tabs>
      </section>
      <Staged connection={connection} />
      {settings.entityId !== '' && <WhatWasRead connection={connection} settings={settings} />}
      <Warnings
        of={connection}
        only={['certificate_expired', 'certificate_left_out', 'requests_unsigned', 'metadata_failed']}
      />
      <Options key={connection.version} connection={connection} settings={settings} />
    </>
  );
}

function WhatWasRead({ connection, settings }: Props) {
  const { certificates, metadata } = connection;
  return (
    <Card title="What was read">
      <dl className="facts">
        <dt>Entity ID</dt>
        <dd>
          <code>{settings.entityId}</code>
        </dd>
        <dt>Sign-ins go to</dt>
        <dd>
          <code>{settings.ssoUrl}</code>
        </dd>
        <dt>Certificates</dt>
        <dd>
          {certificates.length === 0 ? (
            <span className="danger">None</span>
          ) : (
            certificates.map(({ fingerprint, notAfter, expired }) => (
              <div key={fingerprint}>
                <code>{fingerprint.slice(0, 12)}…</code>{' '}
                <span className={expired ? 'danger' : 'muted'}>
                  {expired ? 'expired' : 'until'} <Time at={notAfter} form="date" />
                </span>
              </div>
            ))
          )}
        </dd>
        {metadata.checkedAt !== null && (
          <>
            <dt>Last read</dt>
            <dd>
              <Time at={metadata.checkedAt} />
            </dd>
          </>
        )}
      </dl>
    </Card>
  );
}

/** What new metadata would change of an active connection, and waits for an administrator. */
function Staged({ connection }: { readonly connection: SsoConnection }) {
  const confirm = useSsoChange(() =>
    dataOf(api.POST('/sso/connections/{id}/metadata/confirm', at(connection))),
  );
  const discard = useSsoChange(() =>
    dataOf(api.DELETE('/sso/connections/{id}/metadata/staged', at(connection))),
  );
  if (connection.staged === null) return null;
  const message = connection.warnings.find(({ code }) => code === 'metadata_staged')?.message;
  return (
    <Note tone="warning">
      <p>{message ?? 'The provider’s metadata has changed and needs your confirmation.'}</p>
      {(confirm.error ?? discard.error) !== null && <Failure error={confirm.error ?? discard.error} />}
      <div className="row" style={{ marginTop: 8 }}>
        <Button size="xs" loading={confirm.isPending} onClick={() => confirm.mutate(undefined)}>
          Confirm the change
        </Button>
        <Button size="xs" loading={discard.isPending} onClick={() => discard.mutate(undefined)}>
          Discard the change
        </Button>
      </div>
    </Note>
  );
}

const FORMATS = [
  { value: '', label: 'as the provider decides' },
  { value: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress', label: 'email address' },
  { value: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', label: 'persistent' },
  { value: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified', label: 'unspecified' },
];

/** What is asked of the provider, and what is accepted of it. */
function Options({ connection, settings }: Props) {
  const change = useSsoChange(
    (changed: Partial<SamlSettings>) =>
      dataOf(api.PATCH('/sso/connections/{id}', { ...at(connection), body: { settings: changed } as never })),
    () => toast('The setting was saved.'),
  );
  const set = (changed: Partial<SamlSettings>) => change.mutate(changed);
  return (
    <Card title="Further settings">
      {change.error !== null && <Failure error={change.error} />}
      <Switch
        label="Sign our requests"
        checked={settings.signRequests}
        onChange={(event) => set({ signRequests: event.currentTarget.checked })}
      />
      <Switch
        label="Ask for the credentials at every sign-in"
        description="ForceAuthn. A sign-in without fresh credentials is refused."
        checked={settings.forceAuthn}
        onChange={(event) => set({ forceAuthn: event.currentTarget.checked })}
      />
      <Switch
        label="Allow sign-ins that begin at the provider"
        description="A person can be tricked into another’s session this way: leave it off unless you need it."
        checked={settings.allowIdpInitiated}
        onChange={(event) => set({ allowIdpInitiated: event.currentTarget.checked })}
      />
      <div className="row wrap" style={{ alignItems: 'start' }}>
        <Select
          className="grow"
          style={{ flexBasis: 200 }}
          label="Encrypted assertions"
          data={[
            { value: 'off', label: 'not accepted' },
            { value: 'optional', label: 'accepted' },
            { value: 'required', label: 'required' },
          ]}
          value={settings.encryption}
          allowDeselect={false}
          onChange={(value) => set({ encryption: (value ?? 'optional') as SamlSettings['encryption'] })}
        />
        <Select
          className="grow"
          style={{ flexBasis: 200 }}
          label="Name ID format"
          data={FORMATS}
          value={settings.nameIdFormat ?? ''}
          allowDeselect={false}
          onChange={(value) => set({ nameIdFormat: value === '' ? null : value })}
        />
      </div>
    </Card>
  );
}

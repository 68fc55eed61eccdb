import { Button, PasswordInput, Select, Switch, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ApiError, api, dataOf } from '../../../api/client.ts';
import type { SsoConnection } from '../../../api/schema.d.ts';
import { Failure } from '../../../components/failure.tsx';
import { toast } from '../../../components/toast.tsx';
import type { SsoGuide } from '../sso-providers.ts';
import { at, type OidcSettings, useSsoChange } from '../use-sso.ts';

const AUTHS = [
  { value: 'client_secret_basic', label: 'a client secret (basic)' },
  { value: 'client_secret_post', label: 'a client secret (post)' },
  { value: 'private_key_jwt', label: 'our own key (private_key_jwt)' },
];

/** What the provider says of itself and of its client. */
export function OidcStep({
  connection,
  settings,
  guide,
}: {
  readonly connection: SsoConnection;
  readonly settings: OidcSettings;
  readonly guide: SsoGuide;
}) {
  const [form, setForm] = useState(settings);
  const [secret, setSecret] = useState('');
  const set = (changed: Partial<OidcSettings>) => setForm((before) => ({ ...before, ...changed }));
  const save = useSsoChange(
    () => {
      const { issuer, clientId, clientAuth, forceAuthn } = form;
      return dataOf(
        api.PATCH('/sso/connections/{id}', {
          ...at(connection),
          body: {
            settings: { issuer: issuer.trim(), clientId: clientId.trim(), clientAuth, forceAuthn },
            ...(secret === '' ? {} : { clientSecret: secret }),
          } as never,
        }),
      );
    },
    () => toast('Issuer and client were saved.'),
  );
  const about = (field: string) =>
    save.error instanceof ApiError
      ? (save.error.about(`settings.${field}`) ?? save.error.about(field))
      : undefined;
  const isBeside = ['issuer', 'clientId', 'clientSecret'].some((field) => about(field) !== undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  return (
    <form className="stack" style={{ gap: 14 }} onSubmit={submit}>
      <div>
        <h2>Issuer and client</h2>
        <p className="muted">{guide.metadata}</p>
      </div>
      {save.error !== null && !isBeside && <Failure error={save.error} />}
      <TextInput
        label="Issuer"
        placeholder="https://…"
        value={form.issuer}
        maxLength={2_000}
        error={about('issuer')}
        onChange={(event) => set({ issuer: event.currentTarget.value })}
      />
      <TextInput
        label="Client ID"
        value={form.clientId}
        maxLength={512}
        error={about('clientId')}
        onChange={(event) => set({ clientId: event.currentTarget.value })}
      />
      <Select
        label="Rollcall authenticates with"
        data={AUTHS}
        value={form.clientAuth}
        allowDeselect={false}
        onChange={(value) => set({ clientAuth: value as OidcSettings['clientAuth'] })}
      />
      {form.clientAuth === 'private_key_jwt' ? (
        <p className="muted small">
          Give the provider the JWKS URI of the step before, or the signing certificate of Certificates and
          keys.
        </p>
      ) : (
        <PasswordInput
          label="Client secret"
          description={connection.hasClientSecret ? 'One is stored. Type another to replace it.' : undefined}
          autoComplete="off"
          value={secret}
          maxLength={2_000}
          error={about('clientSecret')}
          onChange={(event) => setSecret(event.currentTarget.value)}
        />
      )}
      <Switch
        label="Ask for the credentials at every sign-in"
        description="prompt=login. A sign-in without fresh credentials is refused."
        checked={form.forceAuthn}
        onChange={(event) => set({ forceAuthn: event.currentTarget.checked })}
      />
      <div className="row">
        <Button type="submit" variant="filled" loading={save.isPending}>
          Save issuer and client
        </Button>
      </div>
    </form>
  );
}

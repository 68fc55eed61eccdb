import { ActionIcon, Button, Radio, Select, Switch, TagsInput, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconArrowRight, IconPlus, IconX } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import type { SsoConnection, SsoProvisioning, SsoProvisioningPreview } from '../../api/schema.d.ts';
import { Card } from '../../components/card.tsx';
import { Failure } from '../../components/failure.tsx';
import { Note } from '../../components/note.tsx';
import { ROLES, type RoleName } from '../../components/role.tsx';
import { RoleReport } from '../../components/role-report.tsx';
import { toast } from '../../components/toast.tsx';
import { Unsaved } from '../../components/unsaved.tsx';
import styles from './sso.module.css';
import { path, useSsoChange } from './use-sso.ts';

/** Just-in-time provisioning: who is created at the first sign-in, with which role and groups (R41 to R47). */
export function JitTab({ connection }: { readonly connection: SsoConnection }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['sso', 'connections', connection.id, 'jit'],
    queryFn: async () =>
      (await dataOf(api.GET('/sso/connections/{id}/jit', path(connection.id)))) as SsoProvisioning,
  });
  return (
    <div className={styles.padded}>
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && <JitForm key={JSON.stringify(data)} connection={connection} saved={data} />}
    </div>
  );
}

const orNull = (text: string | null): string | null =>
  text === null || text.trim() === '' ? null : text.trim();

function JitForm({
  connection,
  saved,
}: {
  readonly connection: SsoConnection;
  readonly saved: SsoProvisioning;
}) {
  const [form, setForm] = useState(saved);
  const set = (changed: Partial<SsoProvisioning>) => setForm((before) => ({ ...before, ...changed }));
  const save = useSsoChange(
    (body: SsoProvisioning) => dataOf(api.PUT('/sso/connections/{id}/jit', { ...path(connection.id), body })),
    (_, body) =>
      body === saved
        ? toast('Auto-provisioning is as it was.')
        : toast('Auto-provisioning was saved. It applies from the next sign-in.', () => save.mutate(saved)),
  );
  const about = (field: string) => (save.error instanceof ApiError ? save.error.about(field) : undefined);
  const changed = JSON.stringify(form) !== JSON.stringify(saved);
  const verified = connection.domains.filter(({ verifiedAt }) => verifiedAt !== null);
  const attribute = (
    key: 'nameAttribute' | 'groupAttribute' | 'externalIdAttribute',
    label: string,
    description: string,
  ) => (
    <TextInput
      label={label}
      description={description}
      value={form[key] ?? ''}
      maxLength={512}
      error={about(key)}
      onChange={(event) => set({ [key]: orNull(event.currentTarget.value) })}
    />
  );
  return (
    <>
      <Unsaved changed={changed && !save.isPending} />
      <form
        className="stack"
        style={{ gap: 18, maxWidth: 1100 }}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(form);
        }}
      >
        {save.error !== null && !(save.error instanceof ApiError && save.error.errors.length > 0) && (
          <Failure error={save.error} />
        )}
        {form.enabled && verified.length === 0 && form.allowedDomains.length === 0 && (
          <Note tone="warning">It creates no one yet: verify a domain, or add allowed domains.</Note>
        )}
        <div className={styles.columns}>
          <Card title="Who is created">
            <Switch
              label="Create people at their first sign-in"
              description="Just-in-time provisioning. Off: only people who are invited or provisioned can sign in."
              checked={form.enabled}
              onChange={(event) => set({ enabled: event.currentTarget.checked })}
            />
            <TagsInput
              label="Allowed domains"
              description={`In addition to the verified ones${verified.length === 0 ? '' : `: ${verified.map(({ domain }) => domain).join(', ')}`}.`}
              value={form.allowedDomains}
              error={about('allowedDomains')}
              onChange={(allowedDomains) => set({ allowedDomains })}
            />
            {connection.hasScim && (
              <Radio.Group
                label="Once SCIM provisions through this connection"
                value={form.whenScim}
                onChange={(value) => set({ whenScim: value as SsoProvisioning['whenScim'] })}
              >
                <div className="stack" style={{ gap: 6 }}>
                  <Radio value="stop" label="no one is created at sign-in any more" />
                  <Radio value="go_on" label="people are still created at sign-in" />
                </div>
              </Radio.Group>
            )}
          </Card>
          <Card title="What arrives" beside="Exact name, friendly name or URN">
            <TextInput
              label="Email"
              description="The attribute or claim with the address."
              required
              withAsterisk={false}
              value={form.emailAttribute}
              maxLength={512}
              error={about('emailAttribute')}
              onChange={(event) => set({ emailAttribute: event.currentTarget.value })}
            />
            {attribute('nameAttribute', 'Name', 'Optional.')}
            {attribute('groupAttribute', 'Groups', 'Optional. Without it sign-ins change no membership.')}
            {attribute(
              'externalIdAttribute',
              'External id',
              'What SCIM sends as externalId, such as Entra’s objectidentifier. Empty: the subject.',
            )}
          </Card>
          <Card title="Which role">
            <Select
              label="Default role"
              description="For people who are created and are in no group below."
              data={[...ROLES]}
              value={form.defaultRole}
              allowDeselect={false}
              error={about('defaultRole')}
              onChange={(value) => set({ defaultRole: (value ?? 'readonly') as RoleName })}
            />
            <Radio.Group
              label="The role of the provider’s groups counts"
              value={form.roleSource}
              onChange={(value) => set({ roleSource: value as SsoProvisioning['roleSource'] })}
            >
              <div className="stack" style={{ gap: 6 }}>
                <Radio value="app" label="when a person is created; afterwards it is set here" />
                <Radio value="idp_groups" label="at every sign-in: the provider decides" />
              </div>
            </Radio.Group>
            <RoleMapping
              mapping={form.roleMapping}
              error={about('roleMapping')}
              onChange={(roleMapping) => set({ roleMapping })}
            />
          </Card>
          <Card title="Which groups">
            <Switch
              label="Create groups that do not exist here yet"
              description="At most 50 at one sign-in. Off: unknown groups are ignored, and the trace says so."
              checked={form.autoCreateGroups}
              onChange={(event) => set({ autoCreateGroups: event.currentTarget.checked })}
            />
            <p className="muted small">
              Memberships that a sign-in gave end when the provider no longer names the group. Those that an
              administrator or SCIM gave stay. A sign-in never adds anyone to a group that makes people admin:
              map the role instead.
            </p>
          </Card>
        </div>
        {ROLE_SETTINGS.some((key) => JSON.stringify(form[key]) !== JSON.stringify(saved[key])) && (
          <RoleEffects connection={connection} form={form} />
        )}
        <div className="row">
          <Button type="submit" variant="filled" loading={save.isPending} disabled={!changed}>
            Save auto-provisioning
          </Button>
          {changed && (
            <Button variant="subtle" onClick={() => setForm(saved)}>
              Discard the changes
            </Button>
          )}
          <span className="muted small">It applies from the next sign-in.</span>
        </div>
      </form>
    </>
  );
}

/** What can change the role of a person who is here already. */
const ROLE_SETTINGS = ['roleSource', 'roleMapping', 'defaultRole', 'groupAttribute'] as const;

/** Whose role the next sign-in would change under these settings, by what the provider sent last. */
function RoleEffects({
  connection,
  form,
}: {
  readonly connection: SsoConnection;
  readonly form: SsoProvisioning;
}) {
  const [asked] = useDebouncedValue(form, 400);
  const { data, isPlaceholderData } = useQuery({
    queryKey: ['sso', 'connections', connection.id, 'jit', 'dry-run', asked],
    placeholderData: keepPreviousData,
    // What is wrong with the settings is said when they are saved.
    queryFn: async () =>
      (await dataOf(
        api.POST('/sso/connections/{id}/jit/dry-run', { ...path(connection.id), body: asked }),
      )) as SsoProvisioningPreview,
  });
  if (data === undefined || data.users === 0) return null;
  return (
    <Note tone={data.roles.lost > 0 ? 'warning' : 'info'}>
      <output className="stack" style={{ gap: 4 }} aria-busy={isPlaceholderData || asked !== form}>
        <p>{data.sentence}</p>
        <p className="small">
          By the groups that the provider sent for the {data.users.toLocaleString('en-GB')} people who signed
          in lately
          {data.unknown > 0 && `; of ${data.unknown.toLocaleString('en-GB')} they are not known`}.
        </p>
        <RoleReport people={data.people} />
      </output>
    </Note>
  );
}

type Mapping = SsoProvisioning['roleMapping'];

/** Which group of the provider gives which role; the highest one counts. */
function RoleMapping({
  mapping,
  error,
  onChange,
}: {
  readonly mapping: Mapping;
  readonly error: string | undefined;
  readonly onChange: (mapping: Mapping) => void;
}) {
  const put = (index: number, changed: Partial<Mapping[number]>) =>
    onChange(mapping.map((each, place) => (place === index ? { ...each, ...changed } : each)));
  return (
    <section className="stack" style={{ gap: 8 }} aria-label="Roles by group">
      <h3>Roles by group of the provider; the highest counts</h3>
      {mapping.map(({ group, role }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows are edited where they stand
        <div key={index} className="row">
          <TextInput
            className="grow"
            aria-label={`Group ${index + 1}`}
            placeholder="Group at the provider"
            value={group}
            maxLength={512}
            onChange={(event) => put(index, { group: event.currentTarget.value })}
          />
          <IconArrowRight className="arrow" size={14} stroke={1.5} aria-hidden />
          <Select
            w={124}
            aria-label={`Role of group ${index + 1}`}
            data={[...ROLES]}
            value={role}
            allowDeselect={false}
            onChange={(value) => put(index, { role: (value ?? 'readonly') as RoleName })}
          />
          <ActionIcon
            aria-label={`Remove group ${index + 1}`}
            onClick={() => onChange(mapping.filter((_, place) => place !== index))}
          >
            <IconX size={14} stroke={1.5} />
          </ActionIcon>
        </div>
      ))}
      {error !== undefined && <p className="danger small">{error}</p>}
      <div>
        <Button
          size="xs"
          leftSection={<IconPlus size={14} stroke={1.5} aria-hidden />}
          onClick={() => onChange([...mapping, { group: '', role: 'train' }])}
        >
          Add a group
        </Button>
      </div>
    </section>
  );
}

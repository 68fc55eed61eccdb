import { Button, Checkbox, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, api, dataOf } from '../../../api/client.ts';
import type { UserDetail } from '../../../api/schema.d.ts';
import { Failure } from '../../../components/failure.tsx';
import { Note } from '../../../components/note.tsx';
import { Time } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.tsx';
import { useLocks, useUserChange } from '../use-users.ts';
import styles from './person.module.css';
import type { TabProps } from './person-page.tsx';

const FIELDS = [
  ['title', 'Title'],
  ['department', 'Department'],
  ['division', 'Division'],
  ['organization', 'Company'],
  ['costCenter', 'Cost center'],
  ['employeeNumber', 'Employee number'],
  ['userType', 'Type of employment'],
  ['preferredLanguage', 'Language'],
  ['timezone', 'Time zone'],
] as const;

type FieldName = (typeof FIELDS)[number][0];

export function ProfileTab({ user }: TabProps) {
  return (
    <div className={styles.columns}>
      <ProfileForm key={user.version} user={user} />
      <div className="stack" style={{ gap: 18 }}>
        <Onboarding user={user} />
        <section>
          <h2 style={{ marginBottom: 8 }}>Origin</h2>
          <dl className="facts">
            <dt>Created</dt>
            <dd>
              <Time at={user.createdAt} form="dateTime" />
            </dd>
            <dt>Changed</dt>
            <dd>
              <Time at={user.updatedAt} form="dateTime" />
            </dd>
            <dt>Id</dt>
            <dd>
              <code>{user.id}</code>
            </dd>
            {user.externalIds.map(({ connectionId, connectionName, externalId }) => (
              <div key={connectionId} style={{ display: 'contents' }}>
                <dt>
                  <bdi>{connectionName}</bdi>
                </dt>
                <dd>
                  <code>{externalId ?? '–'}</code>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </div>
  );
}

function ProfileForm({ user }: { readonly user: UserDetail }) {
  const locks = useLocks(user);
  const [name, setName] = useState(user.name ?? '');
  const [profile, setProfile] = useState<Readonly<Record<FieldName, string>>>(
    () =>
      Object.fromEntries(FIELDS.map(([key]) => [key, user.profile[key] ?? ''])) as Record<FieldName, string>,
  );
  const changed = FIELDS.filter(([key]) => profile[key] !== (user.profile[key] ?? ''));
  const save = useUserChange(() =>
    dataOf(
      api.PATCH('/users/{id}', {
        params: { path: { id: user.id }, header: { 'If-Match': `"${user.version}"` } },
        body: {
          ...(name === (user.name ?? '') ? {} : { name: name.trim() || null }),
          ...(changed.length === 0
            ? {}
            : { profile: Object.fromEntries(changed.map(([key]) => [key, profile[key].trim() || null])) }),
        },
      }),
    ),
  );
  const error = save.error instanceof ApiError ? save.error : undefined;
  const dirty = changed.length > 0 || name !== (user.name ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined, { onSuccess: () => toast('The profile was saved.') });
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      {locks.edit !== undefined && <Note>{locks.edit}</Note>}
      {error !== undefined && (error.errors.length === 0 || error.status === 412) && (
        <Conflict error={error} />
      )}
      <TextInput
        label="Name"
        value={name}
        maxLength={200}
        readOnly={locks.edit !== undefined}
        error={error?.about('name')}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <EmailField user={user} locked={locks.edit} />
      <div style={{ display: 'grid', gap: 12, gridTemplateColumns: 'repeat(auto-fit, minmax(220px, 1fr))' }}>
        {FIELDS.map(([key, label]) => (
          <TextInput
            key={key}
            label={label}
            value={profile[key]}
            readOnly={locks.edit !== undefined}
            error={error?.about(`profile.${key}`)}
            onChange={(event) => setProfile({ ...profile, [key]: event.currentTarget.value })}
          />
        ))}
      </div>
      {locks.edit === undefined && (
        <div className="row">
          <Button type="submit" variant="filled" disabled={!dirty} loading={save.isPending}>
            Save the profile
          </Button>
          {dirty && <span className="muted small">Not saved yet.</span>}
        </div>
      )}
    </form>
  );
}

/** Two administrators at one person: what was typed stays, and what the other one did can be looked at. */
function Conflict({ error }: { readonly error: ApiError }) {
  if (error.status !== 412) return <Failure error={error} />;
  return (
    <Note tone="warning" role="alert">
      <b>Changed in the meantime, by another administrator or the directory.</b> Nothing of yours was saved,
      and it still stands below. Open this page in another tab to see the newest state, then load this one
      again.
    </Note>
  );
}

function EmailField({ user, locked }: { readonly user: UserDetail; readonly locked: string | undefined }) {
  const [email, setEmail] = useState(user.email);
  const change = useUserChange(() =>
    dataOf(
      api.POST('/users/{id}/email-change', {
        params: { path: { id: user.id } },
        body: { email: email.trim() },
      }),
    ),
  );
  const cancel = useUserChange(() =>
    dataOf(api.DELETE('/users/{id}/email-change', { params: { path: { id: user.id } } })),
  );
  const error = change.error instanceof ApiError ? change.error : undefined;
  return (
    <div className="stack" style={{ gap: 6 }}>
      <div className="row" style={{ alignItems: 'end' }}>
        <TextInput
          className="grow"
          label="Email"
          value={email}
          readOnly={locked !== undefined}
          error={error === undefined ? undefined : (error.about('email') ?? error.message)}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        {email.trim() !== user.email && (
          <Button
            loading={change.isPending}
            onClick={() =>
              change.mutate(undefined, {
                onSuccess: () => {
                  toast(`A mail to ${email.trim()} asks to confirm the address.`);
                  setEmail(user.email);
                },
              })
            }
          >
            Change the address
          </Button>
        )}
      </div>
      {user.pendingEmail !== null && (
        <p className="small muted">
          {user.pendingEmail.email} waits to be confirmed, until{' '}
          <Time at={user.pendingEmail.expiresAt} form="dateTime" />.{' '}
          <Button
            size="xs"
            variant="subtle"
            loading={cancel.isPending}
            onClick={() => cancel.mutate(undefined)}
          >
            Cancel the change
          </Button>
        </p>
      )}
    </div>
  );
}

function Onboarding({ user }: { readonly user: UserDetail }) {
  const path = { params: { path: { id: user.id } } };
  const { data } = useQuery({
    queryKey: ['users', user.id, 'checklist'],
    queryFn: () => dataOf(api.GET('/users/{id}/checklist', path)),
  });
  const tick = useUserChange(({ item, done }: { item: string; done: boolean }) =>
    dataOf(api.PUT('/users/{id}/checklist', { ...path, body: { item, done } })),
  );
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section>
      <h2 style={{ marginBottom: 8 }}>
        Onboarding <span className="muted">{`${data.progress.done} of ${data.progress.total}`}</span>
      </h2>
      {tick.error !== null && <Failure error={tick.error} />}
      <ul className="stack" style={{ gap: 8 }}>
        {data.items.map(({ key, label, done, doneAt }) => (
          <li key={key} className="row">
            <Checkbox
              label={label}
              checked={done}
              disabled={tick.isPending}
              onChange={(event) => tick.mutate({ item: key, done: event.currentTarget.checked })}
            />
            {doneAt !== null && (
              <span className="muted small">
                <Time at={doneAt} form="date" />
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ApiError, api, dataOf } from '../../../api/client.ts';
import { useMe } from '../../../api/me.ts';
import type { UserDetail } from '../../../api/schema.d.ts';
import { Failure } from '../../../components/failure.tsx';
import { Note } from '../../../components/note.tsx';
import { ROLES, type RoleName, TIERS } from '../../../components/role.tsx';
import { toast } from '../../../components/toast.tsx';
import { Unsaved } from '../../../components/unsaved.tsx';
import { RoleImpact } from '../acts/role-impact.tsx';
import { GroupPicker } from '../group-picker.tsx';
import { useLocks, userQuery, useUserChange } from '../use-users.ts';
import { EmailField } from './email-field.tsx';
import { lockedField } from './locked-field.tsx';
import styles from './person.module.css';

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

const sameIds = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((id) => right.includes(id));

/** R71: name, role, groups, status and profile in one form, saved together or not at all. */
export function ProfileForm({
  user: newest,
  onRenew,
}: {
  readonly user: UserDetail;
  /** Begins again with what is stored now. */
  readonly onRenew: () => void;
}) {
  // What the form began with: changes of others do not take away what is being typed.
  const [user] = useState(newest);
  const locks = useLocks(user);
  const groupsNow = user.groups.map(({ id }) => id);
  const [name, setName] = useState(user.name ?? '');
  const [email, setEmail] = useState(user.email);
  const [role, setRole] = useState<RoleName>(user.role);
  const [groups, setGroups] = useState<readonly string[]>(groupsNow);
  const [status, setStatus] = useState(user.status);
  const [notify, setNotify] = useState(false);
  const [reason, setReason] = useState('');
  const [profile, setProfile] = useState<Readonly<Record<FieldName, string>>>(
    () =>
      Object.fromEntries(FIELDS.map(([key]) => [key, user.profile[key] ?? ''])) as Record<FieldName, string>,
  );
  const impact = useQuery({
    queryKey: ['users', user.id, 'role-impact', role],
    enabled: role !== user.role,
    queryFn: () =>
      dataOf(api.GET('/users/{id}/role-impact', { params: { path: { id: user.id }, query: { role } } })),
  });
  const changedFields = FIELDS.filter(([key]) => profile[key] !== (user.profile[key] ?? ''));
  const body = {
    ...(name === (user.name ?? '') ? {} : { name: name.trim() || null }),
    ...(changedFields.length === 0
      ? {}
      : { profile: Object.fromEntries(changedFields.map(([key]) => [key, profile[key].trim() || null])) }),
    ...(role === user.role
      ? {}
      : { role, ...(impact.data === undefined ? {} : { impactToken: impact.data.impactToken }) }),
    ...(sameIds(groups, groupsNow) ? {} : { groups: [...groups] }),
    ...(status === user.status ? {} : { status: status as 'active' | 'inactive' }),
  };
  const dirty = Object.keys(body).length > 0;
  const queries = useQueryClient();
  const save = useUserChange(async () => {
    await dataOf(
      api.PATCH('/users/{id}', {
        params: { path: { id: user.id }, header: { 'If-Match': `"${user.version}"` } },
        body: { ...body, notify, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) },
      }),
    );
    await queries.refetchQueries({ queryKey: userQuery(user.id).queryKey });
  });
  const changedMeanwhile = newest.version !== user.version && !save.isPending;
  const form = useRef<HTMLFormElement>(null);
  const untouched = !dirty && email === user.email;
  // Nothing was typed: there is nothing to ask about.
  useEffect(() => {
    if (changedMeanwhile && untouched && !form.current?.contains(document.activeElement)) onRenew();
  }, [changedMeanwhile, untouched, onRenew]);
  const error = save.error instanceof ApiError ? save.error : undefined;
  const locked = locks.edit === undefined ? {} : lockedField(locks.edit);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (dirty)
      save.mutate(undefined, {
        onSuccess: () => {
          toast('The changes were saved.');
          onRenew();
        },
      });
  };
  return (
    <>
      <Unsaved changed={dirty} />
      <form className="stack" ref={form} onSubmit={submit} noValidate>
        {locks.edit !== undefined && (
          <Note>
            <p>
              {locks.edit}
              {user.managedBy !== null && <ChangedThere user={user} />}
            </p>
          </Note>
        )}
        {changedMeanwhile && <Changed onRenew={onRenew} />}
        {error !== undefined && error.errors.length === 0 && error.status !== 412 && (
          <Failure error={error} />
        )}
        <TextInput
          label="Name"
          value={name}
          maxLength={200}
          {...locked}
          error={error?.about('name')}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <EmailField user={user} email={email} setEmail={setEmail} locked={locked} />
        <div className={styles.pair}>
          <Select
            label="Role"
            description={locks.role}
            data={ROLES.map((value) => ({ value, label: `${value} (${TIERS[value]})` }))}
            value={role}
            allowDeselect={false}
            disabled={locks.role !== undefined}
            error={error?.about('role')}
            onChange={(value) => setRole(value as RoleName)}
          />
          <Select
            label="Status"
            data={
              user.status === 'active' || user.status === 'inactive'
                ? [
                    { value: 'active', label: 'Active' },
                    { value: 'inactive', label: 'Inactive' },
                  ]
                : [{ value: user.status, label: user.status === 'pending' ? 'Pending' : 'Deleted' }]
            }
            value={status}
            allowDeselect={false}
            disabled={
              locks.deactivate !== undefined || user.status === 'pending' || user.status === 'deleted'
            }
            error={error?.about('status')}
            onChange={(value) => setStatus(value as typeof status)}
          />
        </div>
        {impact.error !== null && <Failure error={impact.error} />}
        {role !== user.role && impact.data !== undefined && (
          <RoleImpact impact={impact.data} name={user.name ?? user.email} />
        )}
        <GroupPicker
          label="Groups"
          changes
          {...(user.groups.some(({ managedBy }) => managedBy !== null)
            ? { description: 'The members of a directory’s groups are changed in the directory.' }
            : {})}
          value={groups}
          onChange={setGroups}
          known={user.groups}
          error={error?.about('groups')}
        />
        <div
          style={{ display: 'grid', gap: 12, gridTemplateColumns: 'repeat(auto-fit, minmax(220px, 1fr))' }}
        >
          {FIELDS.map(([key, label]) => (
            <TextInput
              key={key}
              label={label}
              value={profile[key]}
              {...locked}
              error={error?.about(`profile.${key}`)}
              onChange={(event) => setProfile({ ...profile, [key]: event.currentTarget.value })}
            />
          ))}
        </div>
        {(role !== user.role || status !== user.status) && (
          <TextInput
            label="Reason"
            description="Recorded in the audit trail."
            value={reason}
            maxLength={2_000}
            error={error?.about('reason')}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
        <Checkbox
          label="Notify them by email"
          description="The email says what changed and who changed it."
          checked={notify}
          onChange={(event) => setNotify(event.currentTarget.checked)}
        />
        <div className="row">
          <Button
            type="submit"
            variant="filled"
            disabled={!dirty || (role !== user.role && impact.data === undefined)}
            loading={save.isPending}
          >
            Save changes
          </Button>
          {dirty && <span className="muted small">Not saved yet.</span>}
        </div>
      </form>
    </>
  );
}

/** Where fields that a directory owns are changed. */
function ChangedThere({ user }: { readonly user: UserDetail }) {
  const me = useMe();
  const [connection] = user.externalIds;
  if (connection === undefined) return '.';
  const name = <bdi>{connection.connectionName}</bdi>;
  return (
    <>
      . Change the fields with a lock in{' '}
      {me.may('scim:manage') ? (
        <Link to={`/provisioning/${connection.connectionId}` as never}>{name}</Link>
      ) : (
        name
      )}
      .
    </>
  );
}

/** Two administrators at one person: what was typed stays until one decides to see what the other one did. */
function Changed({ onRenew }: { readonly onRenew: () => void }) {
  return (
    <Note tone="warning" role="alert">
      <b>Changed in the meantime, by another administrator or the directory.</b> What you typed is still here,
      but it cannot be saved over that change.
      <div style={{ marginTop: 8 }}>
        <Button size="xs" onClick={onRenew}>
          Show what is stored now
        </Button>
      </div>
    </Note>
  );
}

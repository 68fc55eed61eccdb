import { Button, Switch, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import { readPreferences, writePreferences } from '../../app/preferences.ts';
import { Failure } from '../../components/failure.tsx';
import { addressInWords } from '../../components/location.ts';
import { Page } from '../../components/page.tsx';
import { RoleOf } from '../../components/role.tsx';
import { Section } from '../../components/section.tsx';
import { Tag } from '../../components/tag.tsx';
import { Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import styles from './account-page.module.css';
import { HigherRole } from './higher-role-section.tsx';
import { Mails } from './mails-section.tsx';
import { Password } from './password-section.tsx';
import { SecondFactor } from './second-factor-section.tsx';
import { useOwnChange } from './use-own-change.ts';

/** What is one's own: name, password, second factor, sessions, mails, a higher role for a while. */
export function AccountPage() {
  return (
    <Page title="Your account">
      <div>
        <Identity />
        <Password />
        <SecondFactor />
        <Sessions />
        <HigherRole />
        <Mails />
        <Browser />
      </div>
    </Page>
  );
}

function Identity() {
  const { user, organization } = useMe();
  const [name, setName] = useState(user.name ?? '');
  const save = useOwnChange(() => dataOf(api.PATCH('/me', { body: { name: name.trim() || null } })));
  const error = save.error instanceof ApiError ? save.error : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined, { onSuccess: () => toast('Your name was saved.') });
  };
  return (
    <Section title="You" about="How others see you here.">
      <form onSubmit={submit} className="row" style={{ alignItems: 'end' }} noValidate>
        <TextInput
          className="grow"
          label="Name"
          value={name}
          maxLength={200}
          autoComplete="name"
          error={error && (error.about('name') ?? error.message)}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" loading={save.isPending} disabled={name.trim() === (user.name ?? '')}>
          Save your name
        </Button>
      </form>
      <dl className="facts">
        <dt>Email</dt>
        <dd>{user.email}</dd>
        <dt>Organization</dt>
        <dd>
          <bdi>{organization.name}</bdi>
        </dd>
        <dt>Role</dt>
        <dd>
          <RoleOf user={user} tier />
        </dd>
        <dt>Groups</dt>
        <dd>{user.groups.length === 0 ? 'None' : user.groups.map((group) => group.name).join(', ')}</dd>
      </dl>
    </Section>
  );
}

function Sessions() {
  const { data, error } = useQuery({
    queryKey: ['me', 'sessions'],
    queryFn: () => dataOf(api.GET('/me/sessions')),
  });
  const end = useOwnChange((id: string) =>
    dataOf(api.DELETE('/me/sessions/{id}', { params: { path: { id } } })),
  );
  const endOthers = useOwnChange(() => dataOf(api.DELETE('/me/sessions')));
  const failure = error ?? end.error ?? endOthers.error;
  return (
    <Section title="Sessions" about="Where you are signed in.">
      {failure !== null && <Failure error={failure} />}
      <ul>
        {data?.data.map(({ id, ip, location, userAgent, seenAt, startedAt, current }) => (
          <li key={id} className={styles.line}>
            <span className="grow">
              <bdi title={userAgent ?? undefined}>
                {ip === null ? 'Unknown address' : addressInWords(ip, location)}
              </bdi>{' '}
              {current && <Tag tone="accent">this browser</Tag>}
              <br />
              <span className="muted small">
                seen <Time at={seenAt} /> · began <Time at={startedAt} form="dateTime" />
              </span>
            </span>
            {!current && (
              <Button
                size="xs"
                onClick={() => end.mutate(id, { onSuccess: () => toast('The session was ended.') })}
              >
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
      {(data?.data.length ?? 0) > 1 && (
        <div>
          <Button
            loading={endOthers.isPending}
            onClick={() =>
              endOthers.mutate(undefined, { onSuccess: () => toast('You were signed out everywhere else.') })
            }
          >
            Sign out everywhere else
          </Button>
        </div>
      )}
    </Section>
  );
}

function Browser() {
  const [preferences, setPreferences] = useState(readPreferences);
  const change = (changed: Parameters<typeof writePreferences>[0]) => {
    writePreferences(changed);
    setPreferences(readPreferences());
  };
  return (
    <Section title="This browser" about="Kept in this browser only.">
      <Switch
        label="Single keys act on lists"
        checked={preferences.keys}
        onChange={(event) => change({ keys: event.currentTarget.checked })}
      />
      <Switch
        label="Motion"
        checked={preferences.motion}
        onChange={(event) => change({ motion: event.currentTarget.checked })}
      />
    </Section>
  );
}

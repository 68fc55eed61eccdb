import { Button, PasswordInput, SegmentedControl, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import { readPreferences, writePreferences } from '../../app/preferences.ts';
import { Failure } from '../../components/failure.tsx';
import { Note } from '../../components/note.tsx';
import { Page } from '../../components/page.tsx';
import { ROLES, type RoleName, RoleOf } from '../../components/role.tsx';
import { Section } from '../../components/section.tsx';
import { type Proof, StepUp } from '../../components/step-up.tsx';
import { Tag } from '../../components/tag.tsx';
import { Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import styles from './account-page.module.css';

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

/** A change of one's own account: what is known of oneself is asked for again. */
function useOwnChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => void queries.invalidateQueries({ queryKey: ['me'] }),
  });
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

function Password() {
  const { hasPassword } = useMe();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useOwnChange(() =>
    dataOf(api.POST('/me/password', { body: { currentPassword: current, newPassword: next } })),
  );
  const error = change.error instanceof ApiError ? change.error : undefined;
  if (!hasPassword) {
    return (
      <Section title="Password" about="You sign in through your identity provider.">
        <p className="muted">Your password is your identity provider’s: change it there.</p>
      </Section>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(undefined, {
      onSuccess: () => {
        setCurrent('');
        setNext('');
        toast('Your password was changed. You were signed out everywhere else.');
      },
    });
  };
  return (
    <Section title="Password" about="A change signs you out everywhere else.">
      <form onSubmit={submit} className="stack" noValidate>
        {error !== undefined && error.errors.length === 0 && <Failure error={error} />}
        <PasswordInput
          label="Password now"
          value={current}
          autoComplete="current-password"
          error={error?.about('currentPassword')}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label="New password"
          value={next}
          autoComplete="new-password"
          error={error?.about('newPassword') ?? error?.about('password')}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <div>
          <Button type="submit" loading={change.isPending} disabled={current === '' || next === ''}>
            Change your password
          </Button>
        </div>
      </form>
    </Section>
  );
}

function SecondFactor() {
  const { secondFactor, hasPassword } = useMe();
  const [proof, setProof] = useState<Proof>();
  const [asked, setAsked] = useState(false);
  const [code, setCode] = useState('');
  const begin = useOwnChange(() => dataOf(api.POST('/me/totp', { body: { ...proof } })));
  const confirm = useOwnChange(() => dataOf(api.POST('/me/totp/confirm', { body: { code: code.trim() } })));
  const remove = useOwnChange(() => dataOf(api.DELETE('/me/totp', { body: { ...proof } })));
  const error = confirm.error instanceof ApiError ? confirm.error : undefined;
  return (
    <Section title="Authenticator app" about="A code from an app beside your password.">
      {!hasPassword && (
        <p className="muted">
          Your identity provider asks for a second factor, if your organization wants one.
        </p>
      )}
      {hasPassword && (
        <>
          <p>
            {secondFactor
              ? 'It is set up: each sign-in with your password asks for a code.'
              : 'It is not set up.'}
          </p>
          {(begin.error ?? remove.error) !== null && <Failure error={begin.error ?? remove.error} />}
          {!asked && (
            <div>
              <Button onClick={() => setAsked(true)}>{secondFactor ? 'Remove it…' : 'Set it up…'}</Button>
            </div>
          )}
          {asked && begin.data === undefined && <StepUp onProof={setProof} />}
          {asked && proof !== undefined && begin.data === undefined && (
            <div>
              {secondFactor ? (
                <Button
                  data-danger="outline"
                  loading={remove.isPending}
                  onClick={() =>
                    remove.mutate(undefined, {
                      onSuccess: () => {
                        setAsked(false);
                        toast('Your authenticator app was removed.');
                      },
                    })
                  }
                >
                  Remove the authenticator app
                </Button>
              ) : (
                <Button loading={begin.isPending} onClick={() => begin.mutate(undefined)}>
                  Show the key
                </Button>
              )}
            </div>
          )}
          {begin.data !== undefined && !secondFactor && (
            <form
              className="stack"
              onSubmit={(event) => {
                event.preventDefault();
                confirm.mutate(undefined, {
                  onSuccess: () => {
                    setAsked(false);
                    begin.reset();
                    toast('Your authenticator app is set up.');
                  },
                });
              }}
            >
              <p>
                Add this key to your app, or <a href={begin.data.uri}>open it on this device</a>:
              </p>
              <code className={styles.secret}>{begin.data.secret}</code>
              <TextInput
                label="Code that the app shows now"
                value={code}
                inputMode="numeric"
                autoComplete="one-time-code"
                maxLength={10}
                error={error && (error.about('code') ?? error.message)}
                onChange={(event) => setCode(event.currentTarget.value)}
              />
              <div>
                <Button
                  type="submit"
                  variant="filled"
                  loading={confirm.isPending}
                  disabled={code.trim() === ''}
                >
                  Confirm the code
                </Button>
              </div>
            </form>
          )}
        </>
      )}
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
        {data?.data.map(({ id, ip, userAgent, seenAt, startedAt, current }) => (
          <li key={id} className={styles.line}>
            <span className="grow">
              <span title={userAgent ?? undefined}>{ip ?? 'Unknown address'}</span>{' '}
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

function HigherRole() {
  const { user } = useMe();
  const higher = ROLES.slice(ROLES.indexOf(user.effectiveRole) + 1);
  const [role, setRole] = useState<RoleName>();
  const [justification, setJustification] = useState('');
  const { data } = useQuery({
    queryKey: ['me', 'elevations'],
    queryFn: () => dataOf(api.GET('/me/elevations', { params: { query: { limit: 5 } } })),
  });
  const ask = useOwnChange(() =>
    dataOf(
      api.POST('/me/elevations', {
        body: { role: role as RoleName, durationMinutes: 240, justification: justification.trim() },
      }),
    ),
  );
  const cancel = useOwnChange((id: string) =>
    dataOf(api.POST('/elevations/{id}/cancel', { params: { path: { id } } })),
  );
  const error = ask.error instanceof ApiError ? ask.error : undefined;
  return (
    <Section
      title="A higher role for a while"
      about="For a task that needs it; it ends by itself after 4 hours."
    >
      {higher.length === 0 ? (
        <p className="muted">You have the highest role.</p>
      ) : (
        <form
          className="stack"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            ask.mutate(undefined, {
              onSuccess: ({ state }) => {
                setJustification('');
                toast(
                  state === 'active'
                    ? `You are ${role} for 4 hours.`
                    : 'Your request was sent to those who may approve it.',
                );
              },
            });
          }}
        >
          {error !== undefined && error.errors.length === 0 && <Failure error={error} />}
          <Select
            label="Role"
            data={[...higher]}
            value={role ?? null}
            error={error?.about('role')}
            onChange={(value) => setRole(value as RoleName)}
          />
          <Textarea
            label="Why"
            value={justification}
            maxLength={2_000}
            error={error?.about('justification')}
            onChange={(event) => setJustification(event.currentTarget.value)}
          />
          <div>
            <Button
              type="submit"
              loading={ask.isPending}
              disabled={role === undefined || justification.trim() === ''}
            >
              Ask for the role
            </Button>
          </div>
        </form>
      )}
      <ul>
        {data?.data.map(({ id, role: asked, state, justification: why, createdAt }) => (
          <li key={id} className={styles.line}>
            <span className="grow">
              <b>{asked}</b> <span className="muted">{state}</span>
              <br />
              <span className="muted small">
                “<bdi>{why}</bdi>” · <Time at={createdAt} />
              </span>
            </span>
            {state === 'pending' && (
              <Button
                size="xs"
                onClick={() => cancel.mutate(id, { onSuccess: () => toast('Your request was taken back.') })}
              >
                Take it back
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

const FREQUENCIES = { at_once: 'At once', daily: 'Daily', off: 'Off' } as const;

function Mails() {
  const { data, error } = useQuery({
    queryKey: ['me', 'notifications'],
    queryFn: () => dataOf(api.GET('/me/notifications')),
  });
  const choose = useOwnChange((topics: Record<string, keyof typeof FREQUENCIES>) =>
    dataOf(api.PUT('/me/notifications', { body: { topics } as never })),
  );
  const failure = error ?? choose.error;
  return (
    <Section
      title="Mails"
      about={
        data === undefined ? '' : `The daily one comes at ${data.digestHour}:00, ${data.digestTimeZone}.`
      }
    >
      {failure !== null && <Failure error={failure} />}
      <ul>
        {data?.topics.map(({ topic, title, description, frequency, allowed }) => (
          <li key={topic} className={styles.line}>
            <span className="grow">
              {title}
              <br />
              <span className="muted small">{description}</span>
            </span>
            <SegmentedControl
              aria-label={`How often: ${title}`}
              data={(Object.keys(FREQUENCIES) as (keyof typeof FREQUENCIES)[]).map((value) => ({
                value,
                label: FREQUENCIES[value],
                disabled: !allowed.includes(value),
              }))}
              value={frequency}
              onChange={(value) => choose.mutate({ [topic]: value as keyof typeof FREQUENCIES })}
            />
          </li>
        ))}
      </ul>
      {data?.topics.some(({ allowed }) => allowed.length < 3) && (
        <Note>Your organization has decided that some of these are always sent.</Note>
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
    <Section title="This browser" about="Kept here only.">
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

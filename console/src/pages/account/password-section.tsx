import { Button, PasswordInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import { Failure } from '../../components/failure.tsx';
import { Section } from '../../components/section.tsx';
import { toast } from '../../components/toast.tsx';

import { useOwnChange } from './use-own-change.ts';

/** A change of password, which ends all other sessions. */
export function Password() {
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
        <p className="muted">Your identity provider manages your password: change it there.</p>
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
    <Section title="Password" about="Changing it signs you out everywhere else.">
      <form onSubmit={submit} className="stack" noValidate>
        {error !== undefined && error.errors.length === 0 && <Failure error={error} />}
        <PasswordInput
          label="Current password"
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

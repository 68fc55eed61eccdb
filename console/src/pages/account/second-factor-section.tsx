import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import { Failure } from '../../components/failure.tsx';
import { Section } from '../../components/section.tsx';
import { type Proof, StepUp } from '../../components/step-up.tsx';
import { toast } from '../../components/toast.tsx';
import styles from './account-page.module.css';

import { useOwnChange } from './use-own-change.ts';

/** The authenticator app: set up with a key and a first code, removed with a password. */
export function SecondFactor() {
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
                label="Code from the app"
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

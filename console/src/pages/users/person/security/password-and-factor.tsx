import { Button } from '@mantine/core';
import { useState } from 'react';
import { api, dataOf } from '../../../../api/client.ts';
import { Dialog } from '../../../../components/dialog.tsx';
import { Failure } from '../../../../components/failure.tsx';
import { nameOf } from '../../../../components/person.tsx';
import { type Proof, StepUp } from '../../../../components/step-up.tsx';
import { toast } from '../../../../components/toast.tsx';
import { useUserChange } from '../../use-users.ts';
import styles from '../person.module.css';
import { path, Section, type SecurityProps } from './section.tsx';

/** Their password and their second factor. */
export function PasswordAndFactor({
  user,
  mfa,
  password,
}: SecurityProps & { readonly mfa: boolean; readonly password: boolean }) {
  const reset = useUserChange(() => dataOf(api.POST('/users/{id}/password-reset', path({ user }))));
  const removeTotp = useUserChange((body: Proof) =>
    dataOf(api.DELETE('/users/{id}/totp', { ...path({ user }), body })),
  );
  const [asked, setAsked] = useState(false);
  const [proof, setProof] = useState<Proof>();
  return (
    <Section title="Password and second factor">
      {reset.error !== null && <Failure error={reset.error} />}
      <ul className={styles.list}>
        <li>
          <span className="grow">
            Password
            <br />
            <span className="muted small">
              {password
                ? 'A link sent by email lets them choose a new one. The old one works until then.'
                : 'They have none. A link sent by email lets them choose one.'}
            </span>
          </span>
          <Button
            size="xs"
            loading={reset.isPending}
            onClick={() =>
              reset.mutate(undefined, {
                onSuccess: () => toast(`A link to choose a password was emailed to ${user.email}.`),
              })
            }
          >
            Email a link
          </Button>
        </li>
        <li>
          <span className="grow">
            Authenticator app
            <br />
            <span className="muted small">
              {mfa
                ? 'Asked for at each sign-in with a password.'
                : password
                  ? 'Not set up: their password alone signs them in.'
                  : 'Not set up, and not needed without a password. Their provider may ask for its own.'}
            </span>
          </span>
          {mfa && (
            <Button
              size="xs"
              data-danger="outline"
              onClick={() => {
                setProof(undefined);
                setAsked(true);
              }}
            >
              Remove
            </Button>
          )}
        </li>
      </ul>
      {asked && (
        <Dialog
          title={`Remove the authenticator app of ${nameOf(user)}?`}
          consequence="They are signed out everywhere and notified by email. Until they set up another one, their password alone signs them in."
          act="Remove the authenticator app"
          danger
          disabled={proof === undefined}
          acting={removeTotp.isPending}
          error={removeTotp.error}
          onClose={() => setAsked(false)}
          onAct={() =>
            removeTotp.mutate(proof ?? {}, {
              onSuccess: () => {
                setAsked(false);
                toast(`The authenticator app of ${nameOf(user)} was removed.`);
              },
            })
          }
        >
          <StepUp onProof={setProof} />
        </Dialog>
      )}
    </Section>
  );
}

import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { api, dataOf } from '../../../api/client.ts';
import type { SsoConnection } from '../../../api/schema.d.ts';
import { ActionButton } from '../../../components/action-button.tsx';
import { CopyValues } from '../../../components/copy.tsx';
import { Failure } from '../../../components/failure.tsx';
import { Note } from '../../../components/note.tsx';
import { toast } from '../../../components/toast.tsx';
import { at, isComplete, useSsoChange } from '../use-sso.ts';
import { Warnings } from './warnings.tsx';

/** Lets people in: only settings that a test has passed with can be activated. */
export function ActivateStep({ connection }: { readonly connection: SsoConnection }) {
  const activate = useSsoChange(() => dataOf(api.POST('/sso/connections/{id}/activate', at(connection))));
  const { testedAt, domains, serviceProvider, state } = connection;
  const verified = domains.filter(({ verifiedAt }) => verifiedAt !== null).map(({ domain }) => domain);
  const signIn = serviceProvider.find(({ name }) => name === 'signInUrl');
  const lockedBecause = !isComplete(connection)
    ? 'The provider’s details are incomplete: enter them first.'
    : testedAt === null
      ? 'Only what was tested can be activated: test a sign-in with exactly these settings first.'
      : undefined;
  if (state === 'active') {
    return (
      <section className="stack" style={{ gap: 14 }}>
        <h2>{connection.name} is active</h2>
        <p>
          {verified.length === 0
            ? 'People sign in at the address below.'
            : `People with an address of ${verified.join(', ')} are sent to it from the sign-in page.`}
        </p>
        {signIn !== undefined && (
          <CopyValues label="Where people sign in" values={[{ label: 'Sign-in URL', value: signIn.value }]} />
        )}
        <Warnings of={connection} />
        <p className="muted">
          To switch it off, go to{' '}
          <Link to="." search={{ tab: 'danger' } as never}>
            Danger
          </Link>
          .
        </p>
      </section>
    );
  }
  return (
    <section className="stack" style={{ gap: 14 }}>
      <h2>Activate {connection.name}</h2>
      <p>
        {verified.length === 0
          ? 'After activation, people sign in at the sign-in URL of this connection. The sign-in page sends no one there, because no domain is verified.'
          : `After activation, people with an address of ${verified.join(', ')} are sent to the provider.`}{' '}
        Passwords keep working until a domain enforces single sign-on; owners keep theirs.
      </p>
      {lockedBecause === undefined ? (
        <Note tone="success">
          <b>Only what was tested can be activated.</b> The settings are unchanged since the test.
        </Note>
      ) : (
        <Note tone="warning">
          <p>{lockedBecause}</p>
        </Note>
      )}
      <Warnings of={connection} />
      {activate.error !== null && <Failure error={activate.error} />}
      <div className="row wrap">
        <ActionButton
          variant="filled"
          lockedBecause={lockedBecause}
          loading={activate.isPending}
          onClick={() =>
            activate.mutate(undefined, { onSuccess: () => toast(`${connection.name} is active.`) })
          }
        >
          Activate {connection.name}
        </ActionButton>
        {testedAt === null && (
          <Button component={Link} to="." search={{ step: 'test' } as never}>
            Go to the test
          </Button>
        )}
      </div>
    </section>
  );
}

import { Button, TextInput } from '@mantine/core';
import { ApiError, api, dataOf } from '../../../api/client.ts';
import type { UserDetail } from '../../../api/schema.d.ts';
import { Time } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.tsx';
import { useUserChange } from '../use-users.ts';
import type { lockedField } from './locked-field.tsx';

/** The sign-in address: it changes once its owner has confirmed the new one, apart from the rest of the form. */
export function EmailField({
  user,
  email,
  setEmail,
  locked,
}: {
  readonly user: UserDetail;
  readonly email: string;
  readonly setEmail: (email: string) => void;
  readonly locked: Partial<ReturnType<typeof lockedField>>;
}) {
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
          {...locked}
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
          {user.pendingEmail.email} is waiting to be confirmed, until{' '}
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

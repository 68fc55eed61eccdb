import { Button, Select, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import { Failure } from '../../components/failure.tsx';
import { ROLES, type RoleName } from '../../components/role.tsx';
import { Section } from '../../components/section.tsx';
import { Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import styles from './account-page.module.css';

import { useOwnChange } from './use-own-change.ts';

/** R132: asks for a higher role that ends by itself. */
export function HigherRole() {
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
      about="For a task that needs it. It ends automatically after 4 hours."
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
              Request the role
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
                onClick={() => cancel.mutate(id, { onSuccess: () => toast('Your request was withdrawn.') })}
              >
                Withdraw the request
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../../../api/client.ts';
import { useMe } from '../../../../api/me.ts';
import { Failure } from '../../../../components/failure.tsx';
import { nameOf } from '../../../../components/person.tsx';
import { Time } from '../../../../components/time.tsx';
import { toast } from '../../../../components/toast.tsx';
import { KeyState, RevokeKeyDialog, revokeKey } from '../../../api-keys/keys.tsx';
import { useUserChange } from '../../use-users.ts';
import styles from '../person.module.css';
import { path, Section, type SecurityProps } from './section.tsx';

/** Their API keys; nothing for who may not manage keys, or where they have none. */
export function ApiKeys({ user }: SecurityProps) {
  const me = useMe();
  const allowed = me.may('api_keys:manage');
  const [ended, setEnded] = useState<{ readonly id: string; readonly name: string }>();
  const { data } = useQuery({
    queryKey: ['users', user.id, 'api-keys'],
    enabled: allowed,
    queryFn: () => dataOf(api.GET('/api-keys', { params: { query: { user: user.id, limit: 50 } } })),
  });
  const stop = useUserChange(() => dataOf(api.POST('/users/{id}/api-keys/disable', path({ user }))));
  const start = useUserChange(() => dataOf(api.POST('/users/{id}/api-keys/enable', path({ user }))));
  const revoke = useUserChange(() => dataOf(api.POST('/users/{id}/api-keys/revoke', path({ user }))));
  const revokeOne = useUserChange((key: string) => revokeKey(me, user.id, key));
  if (!allowed || data === undefined || data.data.length === 0) return null;
  const error = stop.error ?? start.error ?? revoke.error;
  return (
    <Section
      title="API keys"
      act={
        <>
          <Button
            size="xs"
            onClick={() =>
              stop.mutate(undefined, {
                onSuccess: () =>
                  toast(`The API keys of ${nameOf(user)} were stopped.`, () => start.mutate(undefined)),
              })
            }
          >
            Stop all
          </Button>
          <Button
            size="xs"
            data-danger="outline"
            onClick={() =>
              revoke.mutate(undefined, {
                onSuccess: () => toast(`The API keys of ${nameOf(user)} were revoked.`),
              })
            }
          >
            Revoke all
          </Button>
        </>
      }
    >
      {error !== null && <Failure error={error} />}
      <ul className={styles.list}>
        {data.data.map(({ id, name, state, scopes, lastUsedAt }) => (
          <li key={id}>
            <span className="grow">
              <bdi>{name}</bdi>
              <br />
              <span className="muted small">{scopes.join(', ')}</span>
            </span>
            <span className="muted small">
              used <Time at={lastUsedAt} never="never" />
            </span>
            <KeyState state={state} />
            {state !== 'revoked' && (
              <Button
                size="xs"
                data-danger="outline"
                aria-label={`Revoke ${name}…`}
                onClick={() => setEnded({ id, name })}
              >
                Revoke…
              </Button>
            )}
          </li>
        ))}
      </ul>
      {ended !== undefined && (
        <RevokeKeyDialog
          apiKey={ended}
          holder={nameOf(user)}
          revoke={(onDone) => revokeOne.mutate(ended.id, { onSuccess: onDone })}
          revoking={revokeOne.isPending}
          error={revokeOne.error}
          onClose={() => setEnded(undefined)}
        />
      )}
    </Section>
  );
}

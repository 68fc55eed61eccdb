import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../../../api/client.ts';
import { cursorOf } from '../../../../api/lists.ts';
import { useMe } from '../../../../api/me.ts';
import type { ApiKey } from '../../../../api/schema.d.ts';
import { ActionButton } from '../../../../components/action-button.tsx';
import { Failure } from '../../../../components/failure.tsx';
import { nameOf } from '../../../../components/person.tsx';
import { Time } from '../../../../components/time.tsx';
import { toast } from '../../../../components/toast.tsx';
import { counted } from '../../../../components/words.ts';
import { KeyState, RevokeKeyDialog, revokeKey } from '../../../api-keys/keys.tsx';
import { useUserChange } from '../../use-users.ts';
import styles from '../person.module.css';
import { RevokeKeysDialog } from './revoke-keys-dialog.tsx';
import { path, Section, type SecurityProps } from './section.tsx';

const OWN_KEYS = 'These keys are yours: revoke them one by one, or ask another administrator.';

async function listAllKeys(user: string): Promise<ApiKey[]> {
  const keys: ApiKey[] = [];
  let cursor: string | undefined;
  do {
    const query = { user, limit: 200, ...cursorOf(cursor) };
    const page: { data: ApiKey[]; nextCursor: string | null } = await dataOf(
      api.GET('/api-keys', { params: { query } }),
    );
    keys.push(...page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return keys;
}

/** Their API keys; nothing for who may not manage keys, or where they have none. */
export function ApiKeys({ user }: SecurityProps) {
  const me = useMe();
  const allowed = me.may('api_keys:manage');
  const [endsAll, setEndsAll] = useState(false);
  const [ended, setEnded] = useState<{ readonly id: string; readonly name: string }>();
  const { data } = useQuery({
    queryKey: ['users', user.id, 'api-keys'],
    enabled: allowed,
    queryFn: () => listAllKeys(user.id),
  });
  const stop = useUserChange(() => dataOf(api.POST('/users/{id}/api-keys/disable', path({ user }))));
  const start = useUserChange(() => dataOf(api.POST('/users/{id}/api-keys/enable', path({ user }))));
  const revoke = useUserChange(() => dataOf(api.POST('/users/{id}/api-keys/revoke', path({ user }))));
  const revokeOne = useUserChange((key: string) => revokeKey(me, user.id, key));
  if (!allowed || data === undefined || data.length === 0) return null;
  const error = stop.error ?? start.error;
  const kept = data.filter(({ state }) => state !== 'revoked');
  const isOwn = user.id === me.user.id;
  return (
    <Section
      title="API keys"
      act={
        kept.length > 0 && (
          <>
            {kept.some(({ state }) => state === 'active') && (
              <ActionButton
                size="xs"
                lockedBecause={isOwn ? OWN_KEYS : undefined}
                onClick={() =>
                  stop.mutate(undefined, {
                    onSuccess: () =>
                      toast(`The API keys of ${nameOf(user)} were stopped.`, () => start.mutate(undefined)),
                  })
                }
              >
                Stop all
              </ActionButton>
            )}
            <ActionButton
              size="xs"
              danger="outline"
              lockedBecause={isOwn ? OWN_KEYS : undefined}
              onClick={() => setEndsAll(true)}
            >
              Revoke all…
            </ActionButton>
          </>
        )
      }
    >
      {error !== null && <Failure error={error} />}
      <ul className={styles.list}>
        {data.map(({ id, name, state, scopes, lastUsedAt }) => (
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
      {endsAll && (
        <RevokeKeysDialog
          user={user}
          keys={kept}
          revoke={() =>
            revoke.mutate(undefined, {
              onSuccess: ({ keys }) => {
                setEndsAll(false);
                toast(
                  `${counted(keys, 'API key', 'API keys')} of ${nameOf(user)} ${keys === 1 ? 'was' : 'were'} revoked.`,
                );
              },
            })
          }
          revoking={revoke.isPending}
          error={revoke.error}
          onClose={() => setEndsAll(false)}
        />
      )}
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

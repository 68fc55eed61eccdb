import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../../../api/client.ts';
import { NO_PERMISSION, useMe } from '../../../../api/me.ts';
import { Dialog } from '../../../../components/dialog.tsx';
import { Failure } from '../../../../components/failure.tsx';
import { nameOf } from '../../../../components/person.tsx';
import { Tag } from '../../../../components/tag.tsx';
import { Time } from '../../../../components/time.tsx';
import { toast } from '../../../../components/toast.tsx';
import { useUserChange } from '../../use-users.ts';
import styles from '../person.module.css';
import { path, Section, type SecurityProps } from './section.tsx';

/** The accounts at providers with which they sign in. */
export function Identities({ user }: SecurityProps) {
  const me = useMe();
  const allowed = me.may('sso:manage');
  const [asked, setAsked] = useState<{ readonly id: string; readonly name: string }>();
  const { data, error } = useQuery({
    queryKey: ['users', user.id, 'identities'],
    enabled: allowed,
    queryFn: () => dataOf(api.GET('/users/{id}/identities', path({ user }))),
  });
  const remove = useUserChange((connectionId: string) =>
    dataOf(
      api.DELETE('/users/{id}/identities/{connectionId}', {
        params: { path: { id: user.id, connectionId } },
      }),
    ),
  );
  return (
    <Section title="Identities at providers">
      {error !== null && <Failure error={error} />}
      {!allowed && <p className="muted">{NO_PERMISSION}</p>}
      {data?.data.length === 0 && <p className="muted">They have not signed in through a provider.</p>}
      <ul className={styles.list}>
        {data?.data.map(({ connectionId, connectionName, protocol, subject, linkedBy, lastUsedAt }) => (
          <li key={connectionId}>
            <span className="grow">
              <bdi>{connectionName}</bdi> <Tag>{protocol === 'saml' ? 'SAML' : 'OpenID Connect'}</Tag>
              <br />
              <span className="muted small">
                <code>{subject}</code> · linked by {linkedBy.replace('_', ' ')} · used{' '}
                <Time at={lastUsedAt} never="never" />
              </span>
            </span>
            <Button
              size="xs"
              data-danger="outline"
              onClick={() => setAsked({ id: connectionId, name: connectionName })}
            >
              Remove the link
            </Button>
          </li>
        ))}
      </ul>
      {asked !== undefined && (
        <Dialog
          title={`Remove the link of ${nameOf(user)} to ${asked.name}?`}
          consequence={`Sessions that began through ${asked.name} end now. They can sign in there again once they are linked again: by their address, if the connection links by it, or by hand.`}
          act={`Remove the link to ${asked.name}`}
          danger
          acting={remove.isPending}
          error={remove.error}
          onClose={() => setAsked(undefined)}
          onAct={() =>
            remove.mutate(asked.id, {
              onSuccess: () => {
                setAsked(undefined);
                toast(`The link to ${asked.name} was removed.`);
              },
            })
          }
        />
      )}
    </Section>
  );
}

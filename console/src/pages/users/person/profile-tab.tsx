import { Checkbox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import type { UserDetail } from '../../../api/schema.d.ts';
import { Failure } from '../../../components/failure.tsx';
import { Time } from '../../../components/time.tsx';
import { useUserChange } from '../use-users.ts';
import styles from './person.module.css';
import type { TabProps } from './person-page.tsx';
import { ProfileForm } from './profile-form.tsx';

/** Who a person is: what can be changed, their onboarding, where they came from. */
export function ProfileTab({ user }: TabProps) {
  const [round, setRound] = useState(0);
  return (
    <div className={styles.columns}>
      <ProfileForm key={round} user={user} onRenew={() => setRound(round + 1)} />
      <div className="stack" style={{ gap: 18 }}>
        <Onboarding user={user} />
        <section>
          <h2 style={{ marginBottom: 8 }}>Origin</h2>
          <dl className="facts">
            <dt>Created</dt>
            <dd>
              <Time at={user.createdAt} form="dateTime" />
            </dd>
            <dt>Changed</dt>
            <dd>
              <Time at={user.updatedAt} form="dateTime" />
            </dd>
            <dt>Id</dt>
            <dd>
              <code>{user.id}</code>
            </dd>
            {user.externalIds.map(({ connectionId, connectionName, externalId }) => (
              <div key={connectionId} style={{ display: 'contents' }}>
                <dt>
                  <bdi>{connectionName}</bdi>
                </dt>
                <dd>
                  <code>{externalId ?? '–'}</code>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </div>
  );
}

function Onboarding({ user }: { readonly user: UserDetail }) {
  const path = { params: { path: { id: user.id } } };
  const { data } = useQuery({
    queryKey: ['users', user.id, 'checklist'],
    queryFn: () => dataOf(api.GET('/users/{id}/checklist', path)),
  });
  const tick = useUserChange(({ item, done }: { item: string; done: boolean }) =>
    dataOf(api.PUT('/users/{id}/checklist', { ...path, body: { item, done } })),
  );
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section>
      <h2 style={{ marginBottom: 8 }}>
        Onboarding <span className="muted">{`${data.progress.done} of ${data.progress.total}`}</span>
      </h2>
      {tick.error !== null && <Failure error={tick.error} />}
      <ul className="stack" style={{ gap: 8 }}>
        {data.items.map(({ key, label, done, doneAt }) => (
          <li key={key} className="row">
            <Checkbox
              label={label}
              checked={tick.isPending && tick.variables.item === key ? tick.variables.done : done}
              onChange={(event) => tick.mutate({ item: key, done: event.currentTarget.checked })}
            />
            {doneAt !== null && (
              <span className="muted small">
                <Time at={doneAt} form="date" />
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import type { SsoConnection } from '../../api/schema.d.ts';
import { Card } from '../../components/card.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { toast } from '../../components/toast.tsx';
import styles from './sso.module.css';
import { at, useSsoChange } from './use-sso.ts';

/** Switching a connection off, and taking single sign-on away from it. */
export function DangerTab({ connection }: { readonly connection: SsoConnection }) {
  const navigate = useNavigate();
  const [asks, setAsks] = useState<'deactivate' | 'remove'>();
  const close = () => setAsks(undefined);
  const deactivate = useSsoChange(() => dataOf(api.POST('/sso/connections/{id}/deactivate', at(connection))));
  const remove = useSsoChange(() => api.DELETE('/sso/connections/{id}', at(connection)));
  const enforced = connection.domains.filter((each) => each.enforced).map(({ domain }) => domain);
  return (
    <div className={styles.padded}>
      <div className={`stack ${styles.narrow}`} style={{ gap: 16 }}>
        {connection.state === 'active' && (
          <Card title="Switch it off">
            <p className="muted">
              No one can sign in through {connection.name} any more, and sessions that began through it end.
              The settings stay.
            </p>
            <div className="row">
              <Button data-danger="outline" onClick={() => setAsks('deactivate')}>
                Deactivate…
              </Button>
            </div>
          </Card>
        )}
        <Card title="Remove single sign-on">
          <p className="muted">
            Settings, certificates, keys and traces are deleted, and its domains become free. What SCIM
            provisions through the connection stays.
          </p>
          <div className="row">
            <Button data-danger="outline" onClick={() => setAsks('remove')}>
              Remove…
            </Button>
          </div>
        </Card>
      </div>
      {asks === 'deactivate' && (
        <Dialog
          title={`Deactivate ${connection.name}?`}
          consequence={`No one can sign in through it from now on, and the sessions that began through it end.${enforced.length === 0 ? '' : ` People of ${enforced.join(', ')} have no other way in while it is enforced, owners aside.`}`}
          act={`Deactivate ${connection.name}`}
          danger
          acting={deactivate.isPending}
          error={deactivate.error}
          aside="You can activate it again."
          onClose={close}
          onAct={() =>
            deactivate.mutate(undefined, {
              onSuccess: () => {
                toast(`${connection.name} was deactivated.`);
                close();
              },
            })
          }
        />
      )}
      {asks === 'remove' && (
        <Dialog
          title={`Remove single sign-on from ${connection.name}?`}
          consequence="Its sessions end, its domains become free, and people who signed in only through it need another way in. This cannot be undone."
          act="Remove single sign-on"
          danger
          acting={remove.isPending}
          error={remove.error}
          onClose={close}
          onAct={() =>
            remove.mutate(undefined, {
              onSuccess: () => {
                toast(`Single sign-on was removed from ${connection.name}.`);
                void navigate({ to: '/single-sign-on' });
              },
            })
          }
        />
      )}
    </div>
  );
}

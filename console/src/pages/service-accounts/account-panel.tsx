import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import type { ApiKey, ServiceAccount } from '../../api/schema.d.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Failure } from '../../components/failure.tsx';
import { RoleLabel } from '../../components/role.tsx';
import { SidePanel } from '../../components/side-panel.tsx';
import { Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import { KeyState, MakeKeyDialog, type NewKey } from '../api-keys/keys.tsx';
import { AccountDialog } from './account-dialog.tsx';
import styles from './service-accounts.module.css';
import { AccountStatus } from './service-accounts-page.tsx';
import { useAccountChange } from './use-account-change.ts';

/** A service account with its keys. */
export function AccountPanel({
  accountId,
  ...panel
}: {
  readonly accountId: string;
  readonly position: string | undefined;
  readonly onPrevious: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
  readonly onClose: () => void;
}) {
  const params = { path: { id: accountId } };
  const { data: account, error } = useQuery({
    queryKey: ['service-accounts', accountId],
    queryFn: () => dataOf(api.GET('/service-accounts/{id}', { params })),
  });
  const [dialog, setDialog] = useState<'change' | 'delete'>();
  const change = useAccountChange((status: ServiceAccount['status']) =>
    dataOf(api.PATCH('/service-accounts/{id}', { params, body: { status } })),
  );
  const remove = useAccountChange(() => dataOf(api.DELETE('/service-accounts/{id}', { params })));
  const set = (status: ServiceAccount['status'], undo: ServiceAccount['status']) =>
    change.mutate(status, {
      onSuccess: ({ name }) =>
        toast(`${name} was ${status === 'active' ? 'activated' : 'deactivated'}.`, () => change.mutate(undo)),
    });
  const close = () => setDialog(undefined);
  return (
    <SidePanel
      {...panel}
      label={account?.name ?? 'Service account'}
      footer={
        account === undefined ? undefined : (
          <>
            <Button onClick={() => setDialog('change')}>Change…</Button>
            {account.status === 'active' ? (
              <Button
                data-danger="outline"
                loading={change.isPending}
                onClick={() => set('inactive', 'active')}
              >
                Deactivate
              </Button>
            ) : (
              <Button loading={change.isPending} onClick={() => set('active', 'inactive')}>
                Activate
              </Button>
            )}
            <Button data-danger="outline" onClick={() => setDialog('delete')}>
              Delete…
            </Button>
          </>
        )
      }
    >
      {(error ?? change.error) !== null && <Failure error={error ?? change.error} />}
      {account !== undefined && (
        <div className="stack" style={{ gap: 18 }}>
          <div>
            <h2 dir="auto">{account.name}</h2>
            <p className="muted" dir="auto">
              {account.description}
            </p>
          </div>
          <dl className="facts">
            <dt>Status</dt>
            <dd>
              <AccountStatus account={account} />
            </dd>
            <dt>Role</dt>
            <dd>
              <RoleLabel role={account.role} />
              {account.effectiveRole !== account.role && (
                <p className="muted small">Acts as {account.effectiveRole}: its owner has no more.</p>
              )}
            </dd>
            <dt>Owner</dt>
            <dd>
              {account.owner === null ? (
                <span className="warning">None: it does not run</span>
              ) : (
                <Link to="/users/$userId" params={{ userId: account.owner.id }}>
                  <bdi>{account.owner.name ?? account.owner.email}</bdi>
                </Link>
              )}
            </dd>
            <dt>Created</dt>
            <dd>
              <Time at={account.createdAt} form="dateTime" />
            </dd>
          </dl>
          <Keys account={account} />
        </div>
      )}
      {account !== undefined && dialog === 'change' && (
        <AccountDialog account={account} onSaved={close} onClose={close} />
      )}
      {account !== undefined && dialog === 'delete' && (
        <Dialog
          title={`Delete ${account.name}?`}
          consequence="Its keys are refused from now on, and this cannot be undone. Deactivate it to stop it for a while."
          act={`Delete ${account.name}`}
          danger
          acting={remove.isPending}
          error={remove.error}
          onClose={close}
          onAct={() =>
            remove.mutate(undefined, {
              onSuccess: () => {
                toast(`${account.name} was deleted.`);
                panel.onClose();
              },
            })
          }
        />
      )}
    </SidePanel>
  );
}

function Keys({ account }: { readonly account: ServiceAccount }) {
  const params = { path: { id: account.id } };
  const [making, setMaking] = useState(false);
  const [revoked, setRevoked] = useState<ApiKey>();
  const { data, error } = useQuery({
    queryKey: ['service-accounts', account.id, 'keys'],
    queryFn: () =>
      dataOf(api.GET('/service-accounts/{id}/api-keys', { params: { ...params, query: { limit: 100 } } })),
  });
  const make = useAccountChange((body: NewKey) =>
    dataOf(api.POST('/service-accounts/{id}/api-keys', { params, body })),
  );
  const revoke = useAccountChange((keyId: string) =>
    dataOf(
      api.DELETE('/service-accounts/{id}/api-keys/{keyId}', { params: { path: { id: account.id, keyId } } }),
    ),
  );
  return (
    <section>
      <div className="row" style={{ marginBottom: 6 }}>
        <h3 className="grow">Keys</h3>
        <Button size="xs" onClick={() => setMaking(true)}>
          Make a key
        </Button>
      </div>
      {error !== null && <Failure error={error} />}
      {data?.data.length === 0 && <p className="muted">None: it cannot do anything yet.</p>}
      <ul className={styles.keys}>
        {data?.data.map((key) => (
          <li key={key.id}>
            <span className="grow">
              <bdi>{key.name}</bdi>
              <br />
              <span className="muted small">
                {key.scopes.join(', ')} · used <Time at={key.lastUsedAt} never="never" />
                {key.expiresAt !== null && (
                  <>
                    {' '}
                    · expires <Time at={key.expiresAt} />
                  </>
                )}
              </span>
            </span>
            {key.state === 'revoked' ? (
              <KeyState state={key.state} />
            ) : (
              <>
                {key.state !== 'active' && <KeyState state={key.state} />}
                <Button size="xs" data-danger="outline" onClick={() => setRevoked(key)}>
                  Revoke…
                </Button>
              </>
            )}
          </li>
        ))}
      </ul>
      {making && (
        <MakeKeyDialog
          consequence={`A program that has the key acts as ${account.name}, within the permissions that you choose.`}
          make={(key, onMade) => make.mutate(key, { onSuccess: onMade })}
          making={make.isPending}
          error={make.error}
          onClose={() => setMaking(false)}
        />
      )}
      {revoked !== undefined && (
        <Dialog
          title={`Revoke the key ${revoked.name}?`}
          consequence={`What uses it is refused from now on. ${account.name} keeps its other keys.`}
          act={`Revoke ${revoked.name}`}
          danger
          acting={revoke.isPending}
          error={revoke.error}
          onClose={() => setRevoked(undefined)}
          onAct={() =>
            revoke.mutate(revoked.id, {
              onSuccess: () => {
                setRevoked(undefined);
                toast(`${revoked.name} was revoked.`);
              },
            })
          }
        />
      )}
    </section>
  );
}

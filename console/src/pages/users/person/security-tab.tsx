import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import { NO_PERMISSION, useMe } from '../../../api/me.ts';
import type { Location } from '../../../api/schema.d.ts';
import { ActionButton } from '../../../components/action-button.tsx';
import { Failure } from '../../../components/failure.tsx';
import { addressInWords } from '../../../components/location.ts';
import { Note } from '../../../components/note.tsx';
import { nameOf } from '../../../components/person.tsx';
import { Tag } from '../../../components/tag.tsx';
import { Time } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.tsx';
import { KeyState, RevokeKeyDialog, revokeKey } from '../../api-keys/keys.tsx';
import { useLocks, useUserChange } from '../use-users.ts';
import styles from './person.module.css';
import type { TabProps } from './person-page.tsx';

type Props = Pick<TabProps, 'user'>;
const path = ({ user }: Props) => ({ params: { path: { id: user.id } } });

const METHODS: Readonly<Record<string, string>> = {
  password: 'Password',
  saml: 'SAML',
  oidc: 'OpenID Connect',
};

/** How a person signs in: failures, lock, sessions, second factor, identities, keys. */
export function SecurityTab({ user, onAct }: TabProps) {
  const { data, error, refetch } = useQuery({
    queryKey: ['users', user.id, 'security'],
    queryFn: () => dataOf(api.GET('/users/{id}/security', path({ user }))),
  });
  const locks = useLocks(user);
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />;
  if (data === undefined) return null;
  return (
    <div className="stack" style={{ gap: 28, maxWidth: 860 }}>
      {user.locked && (
        <Note tone="danger">
          <b>Locked</b> <Time at={data.lockedAt} />. {data.failedLogins} failed sign-ins. It stays locked
          until an administrator unlocks it.
          <div style={{ marginTop: 8 }}>
            <ActionButton
              size="xs"
              lockedBecause={locks.unlock}
              onClick={() => onAct({ act: 'unlock', user })}
            >
              Unlock account
            </ActionButton>
          </div>
        </Note>
      )}
      <dl className={styles.figures}>
        <div>
          <dt>Failed sign-ins</dt>
          <dd>{data.failedLogins}</dd>
        </div>
        <div>
          <dt>Second factor</dt>
          <dd>{data.mfa ? 'On' : data.password ? 'Off' : 'No password'}</dd>
        </div>
        <div>
          <dt>Open sessions</dt>
          <dd>{data.sessions?.length ?? '–'}</dd>
        </div>
        <div>
          <dt>API keys</dt>
          <dd>{data.apiKeys}</dd>
        </div>
      </dl>
      <Ways user={user} mfa={data.mfa} password={data.password} />
      {data.sessions !== null && <Sessions user={user} sessions={data.sessions} />}
      <Identities user={user} />
      <ApiKeys user={user} />
    </div>
  );
}

function Section({
  title,
  act,
  children,
}: {
  readonly title: string;
  readonly act?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section>
      <div className="row" style={{ marginBottom: 4, minHeight: 30 }}>
        <h2 className="grow">{title}</h2>
        {act}
      </div>
      {children}
    </section>
  );
}

function Ways({ user, mfa, password }: Props & { readonly mfa: boolean; readonly password: boolean }) {
  const reset = useUserChange(() => dataOf(api.POST('/users/{id}/password-reset', path({ user }))));
  const removeTotp = useUserChange(() =>
    dataOf(api.DELETE('/users/{id}/totp', { ...path({ user }), body: {} as never })),
  );
  const error = reset.error ?? removeTotp.error;
  return (
    <Section title="Password and second factor">
      {error !== null && <Failure error={error} />}
      <ul className={styles.list}>
        <li>
          <span className="grow">
            Password
            <br />
            <span className="muted small">
              {password
                ? 'A mailed link lets them choose a new one. The old one works until then.'
                : 'They have none. A mailed link lets them choose one.'}
            </span>
          </span>
          <Button
            size="xs"
            loading={reset.isPending}
            onClick={() =>
              reset.mutate(undefined, {
                onSuccess: () => toast(`A link to choose a password was mailed to ${user.email}.`),
              })
            }
          >
            Mail a link
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
                  : 'Not set up, and without a password not asked for. A provider may ask for one of its own.'}
            </span>
          </span>
          {mfa && (
            <Button
              size="xs"
              data-danger="outline"
              loading={removeTotp.isPending}
              onClick={() =>
                removeTotp.mutate(undefined, {
                  onSuccess: () => toast(`The authenticator app of ${nameOf(user)} was removed.`),
                })
              }
            >
              Remove
            </Button>
          )}
        </li>
      </ul>
    </Section>
  );
}

function Sessions({
  user,
  sessions,
}: Props & {
  readonly sessions: readonly {
    readonly id: string;
    readonly method: string;
    readonly startedAt: string;
    readonly seenAt: string;
    readonly ip: string | null;
    readonly location: Location | null;
    readonly userAgent: string | null;
    readonly current: boolean;
  }[];
}) {
  const endAll = useUserChange(() => dataOf(api.DELETE('/users/{id}/sessions', path({ user }))));
  const end = useUserChange((sessionId: string) =>
    dataOf(api.DELETE('/users/{id}/sessions/{sessionId}', { params: { path: { id: user.id, sessionId } } })),
  );
  const error = endAll.error ?? end.error;
  return (
    <Section
      title="Sessions"
      act={
        sessions.length > 1 && (
          <Button
            size="xs"
            loading={endAll.isPending}
            onClick={() =>
              endAll.mutate(undefined, {
                onSuccess: () => toast(`${nameOf(user)} was signed out everywhere.`),
              })
            }
          >
            End all {sessions.length}
          </Button>
        )
      }
    >
      {error !== null && <Failure error={error} />}
      {sessions.length === 0 && <p className="muted">No open sessions.</p>}
      <ul className={styles.list}>
        {sessions.map((session) => (
          <li key={session.id}>
            <span className="grow">
              {METHODS[session.method] ?? session.method}{' '}
              {session.current && <Tag tone="accent">this one</Tag>}
              <br />
              <span className="muted small" title={session.userAgent ?? undefined}>
                <bdi>
                  {session.ip === null ? 'unknown address' : addressInWords(session.ip, session.location)}
                </bdi>{' '}
                · seen <Time at={session.seenAt} /> · began <Time at={session.startedAt} form="dateTime" />
              </span>
            </span>
            <Button
              size="xs"
              onClick={() => end.mutate(session.id, { onSuccess: () => toast('The session was ended.') })}
            >
              End
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Identities({ user }: Props) {
  const me = useMe();
  const allowed = me.may('sso:manage');
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
      {(error ?? remove.error) !== null && <Failure error={error ?? remove.error} />}
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
              onClick={() =>
                remove.mutate(connectionId, {
                  onSuccess: () => toast(`The link to ${connectionName} was removed.`),
                })
              }
            >
              Remove the link
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function ApiKeys({ user }: Props) {
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

import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/client.ts';
import { isShownInstead } from '../../../api/query-client.ts';
import { ActionButton } from '../../../components/action-button.tsx';
import { Failure } from '../../../components/failure.tsx';
import { Note } from '../../../components/note.tsx';
import { Time } from '../../../components/time.tsx';
import { useLocks } from '../use-users.ts';
import styles from './person.module.css';
import type { TabProps } from './person-page.tsx';
import { ApiKeys } from './security/api-keys.tsx';
import { Identities } from './security/identities.tsx';
import { PasswordAndFactor } from './security/password-and-factor.tsx';
import { path } from './security/section.tsx';
import { Sessions } from './security/sessions.tsx';

/** How a person signs in: failures, lock, sessions, second factor, identities, keys. */
export function SecurityTab({ user, onAct }: TabProps) {
  const { data, error, refetch } = useQuery({
    queryKey: ['users', user.id, 'security'],
    queryFn: () => dataOf(api.GET('/users/{id}/security', path({ user }))),
  });
  const locks = useLocks(user);
  if (isShownInstead(error, data)) return <Failure error={error} retry={() => void refetch()} />;
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
          <dd>{data.mfa ? 'On' : data.password ? 'Off' : 'None'}</dd>
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
      <PasswordAndFactor user={user} mfa={data.mfa} password={data.password} />
      {data.sessions !== null && <Sessions user={user} sessions={data.sessions} />}
      <Identities user={user} />
      <ApiKeys user={user} />
    </div>
  );
}

import { Button } from '@mantine/core';
import { IconArrowsMaximize } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, dataOf } from '../../api/client.ts';
import type { UserDetail } from '../../api/schema.d.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { Failure } from '../../components/failure.tsx';
import { Note } from '../../components/note.tsx';
import { Avatar, nameOf } from '../../components/person.tsx';
import { RoleOf } from '../../components/role.tsx';
import { SidePanel } from '../../components/side-panel.tsx';
import { SourceTag } from '../../components/source-tag.tsx';
import { UserStatus } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { Timeline, withoutSubject } from '../../components/timeline.tsx';
import type { UserDialog } from './acts/user-dialogs.tsx';
import { DIRECTORY_MANAGES, useLocks, userQuery } from './use-users.ts';

/** Who a row of the list is, and the acts that are asked for most. */
export function UserPanel({
  userId,
  onAct,
  ...panel
}: {
  readonly userId: string;
  readonly position: string | undefined;
  readonly onPrevious: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
  readonly onClose: () => void;
  readonly onAct: (dialog: UserDialog) => void;
}) {
  const { data: user, error, refetch } = useQuery(userQuery(userId));
  return (
    <SidePanel
      {...panel}
      label={user === undefined ? 'User' : nameOf(user)}
      open={
        <Button
          component={Link}
          to="/users/$userId"
          params={{ userId } as never}
          variant="subtle"
          leftSection={<IconArrowsMaximize size={14} stroke={1.5} aria-hidden />}
        >
          Open <kbd>↵</kbd>
        </Button>
      }
      footer={user === undefined ? undefined : <Acts user={user} onAct={onAct} />}
    >
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {user !== undefined && <Facts user={user} onAct={onAct} />}
    </SidePanel>
  );
}

function Facts({ user, onAct }: { readonly user: UserDetail; readonly onAct: (dialog: UserDialog) => void }) {
  return (
    <div className="stack" style={{ gap: 18 }}>
      <div className="row" style={{ gap: 12 }}>
        <Avatar name={nameOf(user)} size="large" />
        <div className="grow">
          <h2 className="ellipsis" dir="auto" title={nameOf(user)}>
            {nameOf(user)}
          </h2>
          {user.name !== null && <p className="muted ellipsis">{user.email}</p>}
        </div>
      </div>
      {user.locked && (
        <Note tone="danger">
          <b>Locked after failed sign-ins.</b> It stays locked until an administrator unlocks it.
          <div className="row" style={{ marginTop: 8 }}>
            <Button size="xs" onClick={() => onAct({ act: 'unlock', user })}>
              Unlock account
            </Button>
          </div>
        </Note>
      )}
      <dl className="facts">
        <dt>Status</dt>
        <dd>
          <UserStatus status={user.status} />
        </dd>
        <dt>Role</dt>
        <dd>
          <RoleOf user={user} tier />
        </dd>
        <dt>{user.managedBy === 'scim' ? 'Managed by' : 'Source'}</dt>
        <dd>
          <SourceTag source={user.source} connection={user.externalIds[0]?.connectionName} />
        </dd>
        <dt>Groups</dt>
        <dd>
          {user.groups.length === 0 ? (
            <span className="muted">None</span>
          ) : (
            user.groups.slice(0, 6).map(({ id, name, inGroupRole, suspended }) => (
              <div key={id} className="ellipsis">
                <Link to={'/groups/$groupId' as never} params={{ groupId: id } as never}>
                  <bdi>{name}</bdi>
                </Link>{' '}
                <span className="muted">{suspended ? 'suspended' : inGroupRole}</span>
              </div>
            ))
          )}
          {user.groups.length > 6 && <span className="muted">and {user.groups.length - 6} more</span>}
        </dd>
        <dt>Last login</dt>
        <dd>
          <Time at={user.lastLoginAt} />
        </dd>
        <dt>Last active</dt>
        <dd>
          <Time at={user.lastActiveAt} />
        </dd>
        {user.invitation !== null && (
          <>
            <dt>Invitation</dt>
            <dd>
              expires <Time at={user.invitation.expiresAt} />
            </dd>
          </>
        )}
      </dl>
      <RecentActivity user={user} />
    </div>
  );
}

function RecentActivity({ user }: { readonly user: UserDetail }) {
  const { data } = useQuery({
    queryKey: ['users', user.id, 'activity', 'recent'],
    queryFn: () =>
      dataOf(api.GET('/users/{id}/activity', { params: { path: { id: user.id }, query: { limit: 5 } } })),
  });
  if (data === undefined || data.data.length === 0) return null;
  return (
    <section className="stack" style={{ gap: 6 }}>
      <h3>Recent activity</h3>
      <Timeline
        entries={data.data.map(({ id, at, sentence, outcome, source }) => ({
          id,
          at,
          sentence: withoutSubject(sentence, nameOf(user)),
          outcome,
          kind: source === 'application' ? 'activity' : source,
        }))}
      />
    </section>
  );
}

function Acts({ user, onAct }: { readonly user: UserDetail; readonly onAct: (dialog: UserDialog) => void }) {
  const locks = useLocks(user);
  return (
    <>
      <ActionButton lockedBecause={locks.role} onClick={() => onAct({ act: 'role', user })}>
        Change role
      </ActionButton>
      <ActionButton lockedBecause={locks.elevate} onClick={() => onAct({ act: 'elevate', user })}>
        Elevate…
      </ActionButton>
      {user.status === 'deleted' ? (
        <ActionButton lockedBecause={locks.delete} onClick={() => onAct({ act: 'restore', user })}>
          Restore
        </ActionButton>
      ) : user.status === 'inactive' ? (
        <ActionButton lockedBecause={locks.deactivate} onClick={() => onAct({ act: 'activate', user })}>
          Activate
        </ActionButton>
      ) : (
        <ActionButton
          danger="outline"
          lockedBecause={locks.deactivate}
          onClick={() => onAct({ act: 'deactivate', user })}
        >
          Deactivate
        </ActionButton>
      )}
      {(locks.role ?? locks.edit) !== undefined && (
        <p className="small muted" style={{ width: '100%' }}>
          {locks.role ??
            (locks.edit === DIRECTORY_MANAGES
              ? `${DIRECTORY_MANAGES}, except for the role, which is set here.`
              : locks.edit)}
        </p>
      )}
    </>
  );
}

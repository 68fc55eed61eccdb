import { ActionIcon, Menu, Tabs } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { isShownInstead } from '../../../api/query-client.ts';
import type { UserDetail } from '../../../api/schema.d.ts';
import { useKeys } from '../../../app/keys.ts';
import { usePageSearch } from '../../../app/use-search.ts';
import { ActionButton } from '../../../components/action-button.tsx';
import { DetailPage } from '../../../components/detail.tsx';
import { Failure } from '../../../components/failure.tsx';
import { Page } from '../../../components/page.tsx';
import { useTabInSight } from '../../../components/page-tabs.tsx';
import { Avatar, nameOf } from '../../../components/person.tsx';
import { RoleOf } from '../../../components/role.tsx';
import { SourceTag } from '../../../components/source-tag.tsx';
import { UserStatus } from '../../../components/status.tsx';
import { Tag } from '../../../components/tag.tsx';
import type { UserDialog } from '../acts/user-dialogs.tsx';
import { LockReasons } from '../lock-reasons.tsx';
import { useLocks, userQuery } from '../use-users.ts';
import { AccessTab } from './access-tab.tsx';
import { ActivityTab } from './activity-tab.tsx';
import { GroupsTab } from './groups-tab.tsx';
import { HistoryTab } from './history-tab.tsx';
import styles from './person.module.css';
import { ProfileTab } from './profile-tab.tsx';
import { SecurityTab } from './security-tab.tsx';

const UserDialogs = lazy(async () => ({ default: (await import('../acts/user-dialogs.tsx')).UserDialogs }));

const TABS = [
  ['profile', 'Profile', ProfileTab],
  ['groups', 'Groups', GroupsTab],
  ['access', 'Access', AccessTab],
  ['security', 'Security', SecurityTab],
  ['activity', 'Activity', ActivityTab],
  ['history', 'History', HistoryTab],
] as const;

/** What a tab of a person's page gets. */
export interface TabProps {
  readonly user: UserDetail;
  readonly onAct: (dialog: UserDialog) => void;
}

/** A person: who they are, what they may do and why, how they sign in, what they did. */
export function PersonPage() {
  const { userId } = useParams({ strict: false }) as { userId: string };
  const { data: user, error, refetch } = useQuery(userQuery(userId));
  const [dialog, setDialog] = useState<UserDialog>();
  if (isShownInstead(error, user)) {
    return (
      <Page title="User" parent={{ to: '/users', label: 'Users' }}>
        <Failure error={error} retry={() => void refetch()} />
      </Page>
    );
  }
  if (user === undefined) return null;
  return (
    <>
      <PersonView user={user} onAct={setDialog} />
      <Suspense fallback={null}>
        {dialog !== undefined && <UserDialogs dialog={dialog} onClose={() => setDialog(undefined)} />}
      </Suspense>
    </>
  );
}

function PersonView({ user, onAct }: TabProps) {
  const [search, setSearch] = usePageSearch();
  const name = nameOf(user);
  const tab = TABS.find(([key]) => key === search['tab'])?.[0] ?? 'profile';
  const list = useTabInSight(tab);
  useKeys({ w: () => setSearch({ tab: 'access' }), e: () => onAct({ act: 'role', user }) });
  return (
    <DetailPage
      parent={{ to: '/users', label: 'Users' }}
      mark={<Avatar name={name} size="large" />}
      title={name}
      facts={
        <>
          {user.name !== null && <span className="muted">{user.email}</span>}
          <UserStatus status={user.status} />
          {user.locked && <Tag tone="danger">Locked</Tag>}
          <RoleOf user={user} tier />
          <SourceTag source={user.source} connection={user.externalIds[0]?.connectionName} />
        </>
      }
      acts={<HeaderActs user={user} onAct={onAct} />}
    >
      <Tabs
        value={tab}
        onChange={(value) => setSearch({ tab: value ?? undefined })}
        className={styles.tabs ?? ''}
        keepMounted={false}
      >
        <Tabs.List className={styles.tabList ?? ''} ref={list}>
          {TABS.map(([key, label]) => (
            <Tabs.Tab key={key} value={key}>
              {label}
              {key === 'groups' && <span className="muted"> {user.groups.length}</span>}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(([key, , Content]) => (
          <Tabs.Panel key={key} value={key} className={styles.panel ?? ''}>
            <Content user={user} onAct={onAct} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </DetailPage>
  );
}

function HeaderActs({ user, onAct }: TabProps) {
  const locks = useLocks(user);
  const navigate = useNavigate();
  return (
    <>
      <ActionButton lockedBecause={locks.role} onClick={() => onAct({ act: 'role', user })}>
        Change role
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
        <ActionButton lockedBecause={locks.deactivate} onClick={() => onAct({ act: 'deactivate', user })}>
          Deactivate
        </ActionButton>
      )}
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label="More actions" variant="default">
            <IconDots size={16} stroke={1.5} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown maw={300}>
          <Menu.Item disabled={locks.elevate !== undefined} onClick={() => onAct({ act: 'elevate', user })}>
            Give a higher role for a while…
          </Menu.Item>
          <Menu.Item disabled={locks.groups !== undefined} onClick={() => onAct({ act: 'groups', user })}>
            Add to group…
          </Menu.Item>
          {user.locked && (
            <Menu.Item disabled={locks.unlock !== undefined} onClick={() => onAct({ act: 'unlock', user })}>
              Unlock account
            </Menu.Item>
          )}
          {user.status === 'pending' && (
            <Menu.Item disabled={locks.unlock !== undefined} onClick={() => onAct({ act: 'resend', user })}>
              Resend invite
            </Menu.Item>
          )}
          <Menu.Item onClick={() => onAct({ act: 'export', user })}>Export their data…</Menu.Item>
          <Menu.Item onClick={() => navigate({ to: '/audit' as never, search: { user: user.id } as never })}>
            See them in the audit trail
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            data-danger
            disabled={locks.deactivate !== undefined}
            onClick={() => onAct({ act: 'offboard', user })}
          >
            Offboard…
          </Menu.Item>
          <Menu.Item
            data-danger
            disabled={locks.delete !== undefined}
            onClick={() => onAct({ act: 'delete', user })}
          >
            Delete…
          </Menu.Item>
          <LockReasons locks={[locks.elevate, locks.groups, locks.unlock, locks.deactivate, locks.delete]} />
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

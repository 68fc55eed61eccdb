import { ActionIcon, Menu, Tabs } from '@mantine/core';
import { IconAt, IconDots, IconLock, IconUserPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { Group } from '../../api/schema.d.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { DetailPage } from '../../components/detail.tsx';
import { Failure } from '../../components/failure.tsx';
import { Page } from '../../components/page.tsx';
import { RoleLabel } from '../../components/role.tsx';
import { SourceTag } from '../../components/source-tag.tsx';
import { GrantsTab } from './grants-tab.tsx';
import styles from './groups.module.css';
import { HistoryTab } from './history-tab.tsx';
import { MembersTab } from './members-tab.tsx';
import { SettingsTab } from './settings-tab.tsx';
import { directoryOf, type GroupLocks, groupQuery, memberCount, useGroupLocks } from './use-groups.ts';

const DIALOGS = {
  add: lazy(async () => ({ default: (await import('./add-members-dialog.tsx')).AddMembersDialog })),
  role: lazy(async () => ({ default: (await import('./group-role-dialog.tsx')).GroupRoleDialog })),
  delete: lazy(async () => ({ default: (await import('./delete-group-dialog.tsx')).DeleteGroupDialog })),
} as const;

const TABS = [
  ['members', 'Members', MembersTab],
  ['grants', 'Grants', GrantsTab],
  ['settings', 'Settings', SettingsTab],
  ['history', 'History', HistoryTab],
] as const;

/** What a tab of a group's page gets. */
export interface GroupTabProps {
  readonly group: Group;
  readonly locks: GroupLocks;
  readonly onAct: (act: keyof typeof DIALOGS) => void;
}

/** A group: who is in it, what it gives, and who may change what. */
export function GroupPage() {
  const { groupId } = useParams({ strict: false }) as { groupId: string };
  const { data: group, error, refetch } = useQuery(groupQuery(groupId));
  if (error !== null) {
    return (
      <Page title="Group" parent={{ to: '/groups', label: 'Groups' }}>
        <Failure error={error} retry={() => void refetch()} />
      </Page>
    );
  }
  return group === undefined ? null : <GroupView key={group.id} group={group} />;
}

function GroupView({ group }: { readonly group: Group }) {
  const [search, setSearch] = usePageSearch();
  const [act, setAct] = useState<keyof typeof DIALOGS>();
  const locks = useGroupLocks(group);
  const directory = directoryOf(group);
  const tab = TABS.find(([key]) => key === search['tab'])?.[0] ?? 'members';
  const Asked = act === undefined ? undefined : DIALOGS[act];
  return (
    <>
      <DetailPage
        parent={{ to: '/groups', label: 'Groups' }}
        title={group.name}
        facts={
          <>
            <span className="muted figures">
              {memberCount(group)} {group.memberCount === 1 ? 'member' : 'members'}
              {group.suspendedMemberCount > 0 && `, ${group.suspendedMemberCount} suspended`}
            </span>
            {group.role === null ? (
              <span className="muted">carries no role</span>
            ) : (
              <span className="row">
                carries <RoleLabel role={group.role} />
              </span>
            )}
            <SourceTag source={group.source} connection={group.externalIds[0]?.connectionName} />
            {group.autoAssignPattern !== null && (
              <span className="row muted small" style={{ gap: 5 }}>
                <IconAt size={14} stroke={1.5} aria-hidden />
                Adds everyone with {group.autoAssignPattern}
              </span>
            )}
            {directory !== undefined && (
              <span className="row muted small" style={{ gap: 5 }}>
                <IconLock size={14} stroke={1.5} aria-hidden />
                {directory} owns the name and the members
              </span>
            )}
          </>
        }
        acts={
          <>
            <ActionButton
              leftSection={<IconUserPlus size={16} stroke={1.5} aria-hidden />}
              lockedBecause={locks.members}
              onClick={() => setAct('add')}
            >
              Add people
            </ActionButton>
            <ActionButton lockedBecause={locks.manage} onClick={() => setAct('role')}>
              Change role
            </ActionButton>
            <Menu>
              <Menu.Target>
                <ActionIcon aria-label="More actions" variant="default">
                  <IconDots size={16} stroke={1.5} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={() => setSearch({ tab: 'settings' })}>Rename and describe…</Menu.Item>
                <Menu.Item onClick={() => setSearch({ tab: 'settings' })}>Add people by address…</Menu.Item>
                <Menu.Divider />
                <Menu.Item data-danger disabled={locks.manage !== undefined} onClick={() => setAct('delete')}>
                  Delete…
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </>
        }
      >
        <Tabs
          value={tab}
          onChange={(value) => setSearch({ tab: value ?? undefined, q: undefined, as: undefined })}
          className={styles.tabs ?? ''}
          keepMounted={false}
        >
          <Tabs.List className={styles.tabList ?? ''}>
            {TABS.map(([key, label]) => (
              <Tabs.Tab key={key} value={key}>
                {label}
                {key === 'members' && <span className="muted figures"> {memberCount(group)}</span>}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {TABS.map(([key, , Content]) => (
            <Tabs.Panel
              key={key}
              value={key}
              className={(key === 'members' ? styles.members : styles.panel) ?? ''}
            >
              <Content group={group} locks={locks} onAct={setAct} />
            </Tabs.Panel>
          ))}
        </Tabs>
      </DetailPage>
      <Suspense fallback={null}>
        {Asked !== undefined && <Asked group={group} onClose={() => setAct(undefined)} />}
      </Suspense>
    </>
  );
}

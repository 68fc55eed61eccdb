import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { User } from '../../api/schema.d.ts';
import { nameOf } from '../../components/person.tsx';
import type { UserDialog } from './acts/user-dialogs.tsx';

/** What can be done with the user of a row. */
export function RowMenu({
  user,
  onAct,
}: {
  readonly user: User;
  readonly onAct: (dialog: UserDialog) => void;
}) {
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={`Acts for ${nameOf(user)}`}>
          <IconDots size={16} stroke={1.5} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onAct({ act: 'role', user })}>Change role…</Menu.Item>
        <Menu.Item onClick={() => onAct({ act: 'groups', user })}>Add to group…</Menu.Item>
        {user.status === 'pending' && (
          <Menu.Item onClick={() => onAct({ act: 'resend', user })}>Resend invite</Menu.Item>
        )}
        {user.locked && <Menu.Item onClick={() => onAct({ act: 'unlock', user })}>Unlock account</Menu.Item>}
        {user.status === 'deleted' ? (
          <Menu.Item onClick={() => onAct({ act: 'restore', user })}>Restore</Menu.Item>
        ) : user.status === 'inactive' ? (
          <Menu.Item onClick={() => onAct({ act: 'activate', user })}>Activate</Menu.Item>
        ) : (
          <Menu.Item data-danger onClick={() => onAct({ act: 'deactivate', user })}>
            Deactivate…
          </Menu.Item>
        )}
        <Menu.Item data-danger onClick={() => onAct({ act: 'delete', user })}>
          Delete…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

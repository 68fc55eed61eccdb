import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { User } from '../../api/schema.d.ts';
import { nameOf } from '../../components/person.tsx';
import type { UserDialog } from './acts/user-dialogs.tsx';
import { LockReasons } from './lock-reasons.tsx';
import { type Act, useLocks } from './use-users.ts';

interface Props {
  readonly user: User;
  readonly onAct: (dialog: UserDialog) => void;
}

/** What can be done with the user of a row. */
export function RowMenu({ user, onAct }: Props) {
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={`Actions for ${nameOf(user)}`}>
          <IconDots size={16} stroke={1.5} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown maw={300}>
        <Items user={user} onAct={onAct} />
      </Menu.Dropdown>
    </Menu>
  );
}

interface Item {
  readonly label: string;
  readonly dialog: UserDialog['act'];
  readonly needs: Act;
  readonly danger?: boolean;
}

const ON_PRESENT: readonly Item[] = [
  { label: 'Change role…', dialog: 'role', needs: 'role' },
  { label: 'Add to group…', dialog: 'groups', needs: 'groups' },
];
const RESTORE: Item = { label: 'Restore', dialog: 'restore', needs: 'delete' };
const ACTIVATE: Item = { label: 'Activate', dialog: 'activate', needs: 'deactivate' };
const DEACTIVATE: Item = { label: 'Deactivate…', dialog: 'deactivate', needs: 'deactivate', danger: true };

/** In the page only while the menu is open: what locks an act is asked of the server. */
function Items({ user, onAct }: Props) {
  const locks = useLocks(user);
  const items: readonly Item[] = [
    ...(user.status === 'deleted' ? [] : ON_PRESENT),
    ...(user.status === 'pending'
      ? [{ label: 'Resend invite', dialog: 'resend', needs: 'unlock' } as const]
      : []),
    ...(user.locked ? [{ label: 'Unlock account', dialog: 'unlock', needs: 'unlock' } as const] : []),
    { deleted: RESTORE, inactive: ACTIVATE, active: DEACTIVATE, pending: DEACTIVATE }[user.status],
    { label: 'Delete…', dialog: 'delete', needs: 'delete', danger: true },
  ];
  return (
    <>
      {items.map(({ label, dialog, needs, danger }) => (
        <Menu.Item
          key={label}
          data-danger={danger}
          disabled={locks[needs] !== undefined}
          onClick={() => onAct({ act: dialog, user } as UserDialog)}
        >
          {label}
        </Menu.Item>
      ))}
      <LockReasons locks={items.map(({ needs }) => locks[needs])} />
    </>
  );
}

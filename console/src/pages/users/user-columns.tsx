import { Tooltip, UnstyledButton } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { User } from '../../api/schema.d.ts';
import type { Column } from '../../components/data-table.tsx';
import { nameOf, Person } from '../../components/person.tsx';
import { RoleOf } from '../../components/role.tsx';
import { SourceTag } from '../../components/source-tag.tsx';
import { UserStatus } from '../../components/status.tsx';
import { Tag } from '../../components/tag.tsx';
import { Time } from '../../components/time.tsx';
import { TwoLines } from '../../components/two-lines.tsx';
import type { UserDialog } from './acts/user-dialogs.tsx';
import { RowMenu } from './row-menu.tsx';
import styles from './users-page.module.css';

/** From where on role and last login have columns of their own, in pixels. */
const COLUMNS_FROM = 520;

/**
 * What the list of users shows of each.
 * @param narrowTo narrows the list to those who have this value, too
 * @param onAct opens the dialog of an act
 */
export const userColumns = (
  narrowTo: (key: string, value: string) => void,
  onAct: (dialog: UserDialog) => void,
): readonly Column<User>[] => [
  {
    key: 'name',
    header: 'Name',
    sort: 'name',
    from: COLUMNS_FROM,
    cell: (user) => (
      <Person name={user.name} email={user.email}>
        <NameLink user={user} />
      </Person>
    ),
  },
  {
    key: 'name-and-role',
    header: 'Name',
    sort: 'name',
    until: COLUMNS_FROM,
    cell: (user) => (
      <Person
        name={user.name}
        email={user.email}
        below={
          <span className={styles.below}>
            <RoleOf user={user} />
            {user.locked && <Tag tone="danger">Locked</Tag>}
          </span>
        }
      >
        <NameLink user={user} />
      </Person>
    ),
  },
  {
    key: 'role',
    header: 'Role',
    sort: 'role',
    width: 168,
    from: COLUMNS_FROM,
    cell: (user) => (
      <Badge
        label={`Show only ${user.effectiveRole}`}
        onClick={() => narrowTo('effectiveRole', user.effectiveRole)}
      >
        <RoleOf user={user} />
      </Badge>
    ),
  },
  { key: 'groups', header: 'Groups', width: 160, from: 980, cell: (user) => <Groups user={user} /> },
  {
    key: 'source',
    header: 'Source',
    width: 108,
    from: 1100,
    cell: (user) => (
      <Badge label="Show only this source" onClick={() => narrowTo('source', user.source)}>
        <SourceTag source={user.source} />
      </Badge>
    ),
  },
  {
    key: 'lastLogin',
    header: 'Last login',
    sort: 'lastLoginAt',
    width: 124,
    from: 700,
    cell: (user) => <Time at={user.lastLoginAt} />,
  },
  {
    key: 'status',
    header: 'Status',
    sort: 'status',
    width: 128,
    from: COLUMNS_FROM,
    cell: (user) => (
      <span className="row">
        <Badge
          label={`Show only ${user.status}`}
          onClick={() =>
            user.status === 'deleted' ? narrowTo('includeDeleted', 'true') : narrowTo('status', user.status)
          }
        >
          <UserStatus status={user.status} />
        </Badge>
        {user.locked && (
          <Tooltip label="Locked after failed sign-ins">
            <IconLock size={14} stroke={1.5} className="danger" aria-label="Locked" />
          </Tooltip>
        )}
      </span>
    ),
  },
  {
    key: 'status-and-login',
    header: 'Last login',
    sort: 'lastLoginAt',
    width: 122,
    until: COLUMNS_FROM,
    align: 'end',
    cell: (user) => (
      <TwoLines below={<Time at={user.lastLoginAt} />}>
        <UserStatus status={user.status} />
      </TwoLines>
    ),
  },
  {
    key: 'menu',
    header: <span className="visually-hidden">Actions</span>,
    width: 64,
    from: 620,
    cell: (user) => <RowMenu user={user} onAct={onAct} />,
  },
];

function NameLink({ user }: { readonly user: User }) {
  return (
    <Link to="/users/$userId" params={{ userId: user.id }} className={styles.nameLink}>
      {nameOf(user)}
    </Link>
  );
}

/** A value in a row that narrows the list to its like. */
function Badge({
  label,
  onClick,
  children,
}: {
  readonly label: string;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}) {
  return (
    <UnstyledButton className={styles.badge} title={label} onClick={onClick}>
      {children}
    </UnstyledButton>
  );
}

function Groups({ user }: { readonly user: User }) {
  const [first, ...others] = user.groups;
  if (first === undefined) return <span className="muted">–</span>;
  const all = user.groups.map(({ name }) => name).join(', ');
  return (
    <span className="row" title={all}>
      <Link
        to={'/groups/$groupId' as never}
        params={{ groupId: first.id } as never}
        className={`ellipsis ${styles.groupLink}`}
      >
        <bdi>{first.name}</bdi>
      </Link>
      {others.length > 0 && <span className="muted">+{others.length}</span>}
    </span>
  );
}

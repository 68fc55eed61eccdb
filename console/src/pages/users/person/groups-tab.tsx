import { ActionIcon, Button, Select } from '@mantine/core';
import { IconLock, IconUsersPlus, IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import { Dialog } from '../../../components/dialog.tsx';
import { Empty } from '../../../components/empty.tsx';
import { Failure } from '../../../components/failure.tsx';
import { nameOf } from '../../../components/person.tsx';
import { SourceTag } from '../../../components/source-tag.tsx';
import { Tag } from '../../../components/tag.tsx';
import { toast } from '../../../components/toast.tsx';
import { addedByAddress } from '../../../components/words.ts';
import { useUserChange } from '../use-users.ts';
import styles from './person.module.css';
import type { TabProps } from './person-page.tsx';

type Membership = TabProps['user']['groups'][number];

export function GroupsTab({ user, onAct }: TabProps) {
  const add = (
    <Button
      leftSection={<IconUsersPlus size={16} stroke={1.5} aria-hidden />}
      onClick={() => onAct({ act: 'groups', user })}
    >
      Add to group
    </Button>
  );
  if (user.groups.length === 0) {
    return (
      <Empty title="In no group" act={add}>
        Groups give a role and rights to everyone in them, and say who looks after whom.
      </Empty>
    );
  }
  return (
    <div className="stack">
      <div>{add}</div>
      <ul className={styles.list}>
        {user.groups.map((group) => (
          <Row key={group.id} user={user} group={group} />
        ))}
      </ul>
    </div>
  );
}

function Row({ user, group }: { readonly user: TabProps['user']; readonly group: Membership }) {
  const path = { params: { path: { id: group.id, userId: user.id } } };
  const back = useUserChange(() =>
    dataOf(
      api.POST('/groups/{id}/members', {
        params: { path: { id: group.id } },
        body: { userIds: [user.id], inGroupRole: group.inGroupRole },
      }),
    ),
  );
  const remove = useUserChange(() => dataOf(api.DELETE('/groups/{id}/members/{userId}', path)));
  const change = useUserChange((inGroupRole: 'member' | 'manager') =>
    dataOf(api.PATCH('/groups/{id}/members/{userId}', { ...path, body: { inGroupRole } })),
  );
  const [asked, setAsked] = useState(false);
  const lock =
    group.managedBy !== null
      ? 'Change its members in the directory.'
      : group.autoAssignPattern !== null
        ? addedByAddress(group.autoAssignPattern)
        : undefined;
  const { error } = change;
  return (
    <li style={{ flexWrap: 'wrap' }}>
      <Link
        to={'/groups/$groupId' as never}
        params={{ groupId: group.id } as never}
        className="grow ellipsis to-hit"
      >
        <bdi>{group.name}</bdi>
      </Link>
      {group.managedBy !== null && <SourceTag source="scim" />}
      {group.autoAssignPattern !== null && (
        <SourceTag source="pattern" connection={group.autoAssignPattern} />
      )}
      {group.suspended && <Tag>suspended</Tag>}
      <Select
        aria-label={`Part in ${group.name}`}
        w={120}
        data={[
          { value: 'member', label: 'Member' },
          { value: 'manager', label: 'Manager' },
        ]}
        value={group.inGroupRole}
        allowDeselect={false}
        disabled={change.isPending}
        onChange={(value) =>
          value !== null && value !== group.inGroupRole && change.mutate(value as 'member')
        }
      />
      {lock === undefined ? (
        <ActionIcon aria-label={`Remove from ${group.name}`} onClick={() => setAsked(true)}>
          <IconX size={16} stroke={1.5} />
        </ActionIcon>
      ) : (
        <span className={styles.lock} role="img" aria-label={lock} title={lock}>
          <IconLock size={16} stroke={1.5} aria-hidden />
        </span>
      )}
      {asked && (
        <Dialog
          title={`Remove ${nameOf(user)} from ${group.name}?`}
          consequence="What only this group gives them ends with their next request."
          act={`Remove from ${group.name}`}
          danger
          acting={remove.isPending}
          error={remove.error}
          onClose={() => setAsked(false)}
          onAct={() =>
            remove.mutate(undefined, {
              onSuccess: () => {
                setAsked(false);
                toast(`${nameOf(user)} was removed from ${group.name}.`, () => back.mutate(undefined));
              },
            })
          }
        />
      )}
      {error !== null && (
        <div style={{ width: '100%' }}>
          <Failure error={error} />
        </div>
      )}
    </li>
  );
}

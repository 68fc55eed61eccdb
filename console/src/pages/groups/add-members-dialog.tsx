import { Select } from '@mantine/core';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import type { Group } from '../../api/schema.d.ts';
import { Dialog } from '../../components/dialog.tsx';
import { toast } from '../../components/toast.tsx';
import { counted } from '../../components/words.ts';
import { PeoplePicker } from '../users/people-picker.tsx';
import { useGroupChange } from './use-groups.ts';

interface Props {
  readonly group: Group;
  readonly onClose: () => void;
}

/** Puts users into a group. */
export function AddMembersDialog({ group, onClose }: Props) {
  const [userIds, setUserIds] = useState<readonly string[]>([]);
  const [inGroupRole, setInGroupRole] = useState<'member' | 'manager'>('member');
  const path = { params: { path: { id: group.id } } };
  const add = useGroupChange(() =>
    dataOf(api.POST('/groups/{id}/members', { ...path, body: { userIds: [...userIds], inGroupRole } })),
  );
  const remove = useGroupChange(() =>
    Promise.all(
      userIds.map((userId) =>
        dataOf(api.DELETE('/groups/{id}/members/{userId}', { params: { path: { id: group.id, userId } } })),
      ),
    ),
  );
  const people = counted(userIds.length, 'person', 'people');
  return (
    <Dialog
      title={`Add people to ${group.name}`}
      consequence={
        group.role === null
          ? 'What the group gives is theirs with their next request.'
          : `They get the role ${group.role} with their next request, unless theirs is higher already.`
      }
      act={`Add ${people}`}
      acting={add.isPending}
      disabled={userIds.length === 0}
      error={add.error}
      onClose={onClose}
      onAct={() =>
        add.mutate(undefined, {
          onSuccess: ({ added }) => {
            const undo = added === userIds.length ? () => remove.mutate(undefined) : undefined;
            toast(`${counted(added, 'person was', 'people were')} added to ${group.name}.`, undo);
            onClose();
          },
        })
      }
    >
      <PeoplePicker
        label="People"
        value={userIds}
        onChange={setUserIds}
        without={({ groups }) => groups.some(({ id }) => id === group.id)}
      />
      <Select
        label="In the group as"
        description="A manager looks after the people of the group, and needs the role configure or admin."
        data={[
          { value: 'member', label: 'Member' },
          { value: 'manager', label: 'Manager' },
        ]}
        value={inGroupRole}
        allowDeselect={false}
        onChange={(value) => setInGroupRole(value as 'member')}
      />
    </Dialog>
  );
}

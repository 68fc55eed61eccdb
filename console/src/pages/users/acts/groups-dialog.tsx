import { useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import type { User } from '../../../api/schema.d.ts';
import { Dialog } from '../../../components/dialog.tsx';
import { nameOf } from '../../../components/person.tsx';
import { toast } from '../../../components/toast.tsx';
import { counted } from '../../../components/words.ts';
import { GroupPicker } from '../group-picker.tsx';
import { useUserChange } from '../use-users.ts';

/** Adds a user to groups. */
export function GroupsDialog({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const name = nameOf(user);
  const [groupIds, setGroupIds] = useState<readonly string[]>([]);
  const bulk = (action: 'add_to_group' | 'remove_from_group') =>
    dataOf(
      api.POST('/users/bulk', { body: { action, userIds: [user.id], params: { groupIds: [...groupIds] } } }),
    );
  const add = useUserChange(() => bulk('add_to_group'));
  const remove = useUserChange(() => bulk('remove_from_group'));
  const [result] = add.data?.results ?? [];
  const refused = result?.ok === false ? new Error(result.message) : null;
  return (
    <Dialog
      title={`Add ${name} to groups`}
      consequence="They get what the groups give with their next request."
      act={`Add to ${counted(groupIds.length, 'group', 'groups')}`}
      acting={add.isPending}
      disabled={groupIds.length === 0}
      error={add.error ?? refused}
      onClose={onClose}
      onAct={() =>
        add.mutate(undefined, {
          onSuccess: ({ results }) => {
            if (results[0]?.ok !== true) return;
            toast(
              `${name} was added to ${groupIds.length === 1 ? 'the group' : counted(groupIds.length, 'group', 'groups')}.`,
              () => remove.mutate(undefined),
            );
            onClose();
          },
        })
      }
    >
      <GroupPicker
        label="Groups"
        changes
        value={groupIds}
        onChange={setGroupIds}
        without={user.groups.map(({ id }) => id)}
      />
    </Dialog>
  );
}

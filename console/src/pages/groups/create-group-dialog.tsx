import { Select, Textarea, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import { Dialog } from '../../components/dialog.tsx';
import { ROLES, type RoleName, TIERS } from '../../components/role.tsx';
import { toast } from '../../components/toast.tsx';
import { PatternField } from './pattern-field.tsx';
import { useGroupChange } from './use-groups.ts';

const NONE = 'none';
const roleOptions = [
  { value: NONE, label: 'No role' },
  ...ROLES.map((role) => ({ value: role, label: `${role} (${TIERS[role]})` })),
];

/** Creates a group and goes there. */
export function CreateGroupDialog({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [role, setRole] = useState(NONE);
  const [pattern, setPattern] = useState('');
  const carried = role === NONE ? null : (role as RoleName);
  const create = useGroupChange(() =>
    dataOf(
      api.POST('/groups', {
        body: {
          name: name.trim(),
          description: description.trim() === '' ? null : description.trim(),
          role: carried,
          autoAssignPattern: pattern.trim() === '' ? null : pattern.trim(),
        },
      }),
    ),
  );
  const about = (path: string) => (create.error instanceof ApiError ? create.error.about(path) : undefined);
  const beside = ['name', 'description', 'role', 'autoAssignPattern'].some(
    (path) => about(path) !== undefined,
  );
  return (
    <Dialog
      title="Create group"
      consequence="What it carries holds for everyone who is in it."
      act="Create group"
      acting={create.isPending}
      disabled={name.trim() === ''}
      error={beside ? undefined : create.error}
      onClose={onClose}
      onAct={() =>
        create.mutate(undefined, {
          onSuccess: ({ id }) => {
            toast(`${name.trim()} was created.`);
            void navigate({ to: '/groups/$groupId', params: { groupId: id } });
          },
        })
      }
    >
      <TextInput
        label="Name"
        data-autofocus
        maxLength={200}
        value={name}
        error={about('name')}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Textarea
        label="Description"
        description="What the group is for."
        maxLength={2_000}
        value={description}
        error={about('description')}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <Select
        label="Role that it carries"
        description="Members get it while it is higher than their own."
        data={roleOptions}
        value={role}
        allowDeselect={false}
        error={about('role')}
        onChange={(value) => setRole(value ?? NONE)}
      />
      <PatternField value={pattern} role={carried} error={about('autoAssignPattern')} onChange={setPattern} />
    </Dialog>
  );
}

import { Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import type { ServiceAccount } from '../../api/schema.d.ts';
import { Dialog } from '../../components/dialog.tsx';
import { ROLES, type RoleName } from '../../components/role.tsx';
import { toast } from '../../components/toast.tsx';
import { UserPicker } from '../users/user-picker.tsx';
import { useAccountChange } from './use-account-change.ts';

/** Adds a service account or changes one. */
export function AccountDialog({
  account,
  onSaved,
  onClose,
}: {
  readonly account?: ServiceAccount;
  readonly onSaved: (account: ServiceAccount) => void;
  readonly onClose: () => void;
}) {
  const me = useMe();
  const [name, setName] = useState(account?.name ?? '');
  const [description, setDescription] = useState(account?.description ?? '');
  const [role, setRole] = useState<RoleName>(account?.role ?? 'readonly');
  const [ownerId, setOwnerId] = useState(account === undefined ? me.user.id : account.owner?.id);
  const save = useAccountChange(() => {
    const owner = ownerId === undefined ? {} : { ownerId };
    const body = { name: name.trim(), description: description.trim() || null, role, ...owner };
    return account === undefined
      ? dataOf(api.POST('/service-accounts', { body }))
      : dataOf(api.PATCH('/service-accounts/{id}', { params: { path: { id: account.id } }, body }));
  });
  const error = save.error instanceof ApiError ? save.error : undefined;
  return (
    <Dialog
      title={account === undefined ? 'Add a service account' : `Change ${account.name}`}
      consequence="It acts with the role it is given, and never with more than its owner has. When its owner leaves, it stops."
      act={account === undefined ? 'Add the service account' : 'Save the service account'}
      acting={save.isPending}
      disabled={name.trim() === '' || ownerId === undefined}
      error={error?.errors.length ? undefined : save.error}
      onClose={onClose}
      onAct={() =>
        save.mutate(undefined, {
          onSuccess: (saved) => {
            toast(`${saved.name} was ${account === undefined ? 'added' : 'saved'}.`);
            onSaved(saved);
          },
        })
      }
    >
      <TextInput
        label="Name"
        value={name}
        maxLength={200}
        error={error?.about('name')}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label="What it does"
        value={description}
        maxLength={500}
        error={error?.about('description')}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <Select
        label="Role"
        data={[...ROLES]}
        value={role}
        allowDeselect={false}
        error={error?.about('role')}
        onChange={(value) => setRole(value as RoleName)}
      />
      <UserPicker
        label="Owner"
        description="They are responsible for it."
        value={ownerId}
        onChange={setOwnerId}
        error={error?.about('ownerId')}
      />
    </Dialog>
  );
}

import { Checkbox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import type { User } from '../../../api/schema.d.ts';
import { Dialog } from '../../../components/dialog.tsx';
import { nameOf } from '../../../components/person.tsx';
import { type Proof, StepUp } from '../../../components/step-up.tsx';
import { toast } from '../../../components/toast.tsx';
import { counted } from '../../../components/words.ts';
import { useUserChange } from '../use-users.ts';
import { UserPicker } from '../user-picker.tsx';
import { Insist, insisting, isManaged } from './insist.tsx';
import { Stops } from './leave-dialogs.tsx';

/** Everything that belongs to a leaver's last day, as one act. */
export function OffboardDialog({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const name = nameOf(user);
  const path = { params: { path: { id: user.id } } };
  const [removeGroups, setRemoveGroups] = useState(true);
  const [revokeApiKeys, setRevokeApiKeys] = useState(true);
  const [withExport, setWithExport] = useState(false);
  const [transferTo, setTransferTo] = useState<string>();
  const [insists, setInsists] = useState(false);
  const [proof, setProof] = useState<Proof>();
  const { data: preview } = useQuery({
    queryKey: ['users', user.id, 'offboarding'],
    queryFn: () => dataOf(api.GET('/users/{id}/offboarding', path)),
  });
  const owns = (preview?.ownsResources ?? 0) + (preview?.serviceAccounts.length ?? 0);
  const offboard = useUserChange(() =>
    dataOf(
      api.POST('/users/{id}/offboard', {
        params: { ...path.params, ...insisting(insists) },
        body: {
          removeGroups,
          revokeApiKeys,
          export: withExport,
          ...(transferTo === undefined ? {} : { transferTo }),
          ...proof,
        },
      }),
    ),
  );
  return (
    <Dialog
      title={`Offboard ${name}?`}
      consequence="They are deactivated and signed out everywhere. What you choose below is done in the same step: all of it, or nothing."
      act={`Offboard ${name}`}
      danger
      acting={offboard.isPending}
      disabled={(withExport && proof === undefined) || (isManaged(user) && !insists)}
      error={offboard.error}
      onClose={onClose}
      onAct={() =>
        offboard.mutate(undefined, {
          onSuccess: () => {
            toast(`${name} was offboarded.`);
            onClose();
          },
        })
      }
    >
      <Stops user={user} leavesGroups={removeGroups} />
      <Insist user={user} checked={insists} onChange={setInsists} />
      <div className="stack" style={{ gap: 8 }}>
        <Checkbox
          label="Remove them from all groups"
          checked={removeGroups}
          onChange={(event) => setRemoveGroups(event.currentTarget.checked)}
        />
        <Checkbox
          label="Revoke their API keys for good"
          checked={revokeApiKeys}
          onChange={(event) => setRevokeApiKeys(event.currentTarget.checked)}
        />
        <Checkbox
          label="Export their data first"
          checked={withExport}
          onChange={(event) => setWithExport(event.currentTarget.checked)}
        />
      </div>
      {owns > 0 && (
        <UserPicker
          label="Hand over what they own to"
          description={`${counted(preview?.ownsResources ?? 0, 'resource', 'resources')}, ${counted(preview?.serviceAccounts.length ?? 0, 'service account', 'service accounts')}`}
          value={transferTo}
          onChange={setTransferTo}
        />
      )}
      {withExport && <StepUp onProof={setProof} />}
    </Dialog>
  );
}

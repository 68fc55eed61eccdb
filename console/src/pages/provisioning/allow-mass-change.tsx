import { Select } from '@mantine/core';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import type { ScimConnection } from '../../api/schema.d.ts';
import { Dialog } from '../../components/dialog.tsx';
import { type Proof, StepUp } from '../../components/step-up.tsx';
import { toast } from '../../components/toast.tsx';
import { useConnectionChange } from './use-provisioning.ts';

const SPANS = [
  { value: '15', label: '15 minutes' },
  { value: '60', label: '1 hour' },
  { value: '240', label: '4 hours' },
  { value: '1440', label: '1 day' },
];

/** Lets a connection that holds mass changes make one. */
export function AllowMassChange({
  connection,
  onClose,
}: {
  readonly connection: ScimConnection;
  readonly onClose: () => void;
}) {
  const [minutes, setMinutes] = useState('60');
  const [proof, setProof] = useState<Proof>();
  const allow = useConnectionChange(() =>
    dataOf(
      api.POST('/scim/connections/{id}/allow-mass-change', {
        params: { path: { id: connection.id } },
        body: { minutes: Number(minutes), ...proof },
      }),
    ),
  );
  return (
    <Dialog
      title={`Allow ${connection.name} a mass change?`}
      consequence="It may deactivate and delete any number of people, for as long as you choose. Afterwards, mass changes are held again."
      act="Allow the mass change"
      acting={allow.isPending}
      disabled={proof === undefined}
      error={allow.error}
      onClose={onClose}
      onAct={() =>
        allow.mutate(undefined, {
          onSuccess: () => {
            toast(`${connection.name} may make a mass change.`);
            onClose();
          },
        })
      }
    >
      <Select
        label="For how long"
        data={SPANS}
        value={minutes}
        allowDeselect={false}
        onChange={(value) => setMinutes(value ?? '60')}
      />
      <StepUp onProof={setProof} />
    </Dialog>
  );
}

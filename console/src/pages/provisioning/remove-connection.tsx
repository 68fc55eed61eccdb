import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { ScimConnection, ScimHealth } from '../../api/schema.d.ts';
import { Card } from '../../components/card.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { type Proof, StepUp } from '../../components/step-up.tsx';
import { toast } from '../../components/toast.tsx';
import { counted } from '../../components/words.ts';
import { useConnectionChange } from './use-provisioning.ts';

interface Props {
  readonly connection: ScimConnection;
  readonly health: ScimHealth | undefined;
}

/** Ends provisioning through a connection; its people and groups stay. */
export function RemoveConnection({ connection, health }: Props) {
  const [asks, setAsks] = useState(false);
  return (
    <Card title="Remove this connection">
      <p className="muted">
        Its tokens stop working. The people and groups that it provisions stay as they are, and are
        administered here from then on.{connection.signsOn ? ' Single sign-on through it stays.' : ''}
      </p>
      <div className="row">
        <Button data-danger="outline" onClick={() => setAsks(true)}>
          Remove…
        </Button>
      </div>
      {asks && <RemoveDialog connection={connection} health={health} onClose={() => setAsks(false)} />}
    </Card>
  );
}

function RemoveDialog({ connection, health, onClose }: Props & { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const [proof, setProof] = useState<Proof>();
  const remove = useConnectionChange(() =>
    api.DELETE('/scim/connections/{id}', {
      params: { path: { id: connection.id } },
      body: { ...proof },
    }),
  );
  const provisions =
    health === undefined
      ? 'The people and groups that it provisions'
      : `${counted(health.users, 'person', 'people')} and ${counted(health.groups, 'group', 'groups')}`;
  return (
    <Dialog
      title={`Remove ${connection.name}?`}
      consequence={`${provisions} stay with their memberships and roles, but no change of the directory arrives here any more: who leaves there keeps access here until you deactivate them. This cannot be taken back.`}
      act={`Remove ${connection.name}`}
      danger
      acting={remove.isPending}
      disabled={proof === undefined}
      error={remove.error}
      onClose={onClose}
      onAct={() =>
        remove.mutate(undefined, {
          onSuccess: () => {
            toast(`${connection.name} was removed. Its people and groups are being released.`);
            void navigate({ to: '/provisioning' });
          },
        })
      }
    >
      <StepUp onProof={setProof} />
    </Dialog>
  );
}

import { Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../../api/client.ts';
import type { User } from '../../../api/schema.d.ts';
import { Dialog } from '../../../components/dialog.tsx';
import { nameOf } from '../../../components/person.tsx';
import { ROLES, type RoleName } from '../../../components/role.tsx';
import { clockOrDate } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.tsx';
import { useUserChange } from '../use-users.ts';

const DURATIONS = [
  ['60', '1 hour'],
  ['240', '4 hours'],
  ['480', '8 hours'],
  ['1440', '1 day'],
  ['4320', '3 days'],
] as const;

/** Gives a higher role that ends by itself. */
export function ElevateDialog({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const name = nameOf(user);
  const higher = ROLES.slice(ROLES.indexOf(user.effectiveRole) + 1);
  const [role, setRole] = useState<RoleName | undefined>(higher[0]);
  const [minutes, setMinutes] = useState<string>('240');
  const [justification, setJustification] = useState('');
  const [ticket, setTicket] = useState('');
  const revoke = useUserChange((id: string) =>
    dataOf(
      api.POST('/elevations/{id}/revoke', { params: { path: { id } }, body: { reason: 'Given by mistake' } }),
    ),
  );
  const elevate = useUserChange(() =>
    dataOf(
      api.POST('/users/{id}/elevations', {
        params: { path: { id: user.id } },
        body: {
          role: role ?? 'admin',
          durationMinutes: Number(minutes),
          justification: justification.trim(),
          ...(ticket.trim() === '' ? {} : { ticket: ticket.trim() }),
        },
      }),
    ),
  );
  const error = elevate.error instanceof ApiError ? elevate.error : undefined;
  const until = new Date(Date.now() + Number(minutes) * 60_000).toISOString();
  return (
    <Dialog
      title={`Give ${name} a higher role for a while`}
      consequence={
        role === undefined
          ? `${name} has the highest role already.`
          : `The role returns to ${user.effectiveRole} by itself, at ${clockOrDate(until)}.`
      }
      act={`Make ${name} ${role ?? 'admin'} until ${clockOrDate(until)}`}
      acting={elevate.isPending}
      disabled={role === undefined || justification.trim() === ''}
      error={error?.errors.length ? undefined : elevate.error}
      onClose={onClose}
      onAct={() =>
        elevate.mutate(undefined, {
          onSuccess: ({ id }) => {
            toast(`${name} is ${role} until ${clockOrDate(until)}.`, () => revoke.mutate(id));
            onClose();
          },
        })
      }
    >
      <div className="row" style={{ alignItems: 'start' }}>
        <Select
          className="grow"
          label="Role"
          data={[...higher]}
          value={role ?? null}
          allowDeselect={false}
          error={error?.about('role')}
          onChange={(value) => setRole(value as RoleName)}
        />
        <Select
          className="grow"
          label="For"
          data={DURATIONS.map(([value, label]) => ({ value, label }))}
          value={minutes}
          allowDeselect={false}
          error={error?.about('durationMinutes')}
          onChange={(value) => setMinutes(value ?? '240')}
        />
      </div>
      <Textarea
        label="Why"
        description="Shown in access reviews."
        required
        value={justification}
        maxLength={2_000}
        error={error?.about('justification')}
        onChange={(event) => setJustification(event.currentTarget.value)}
      />
      <TextInput
        label="Ticket"
        value={ticket}
        maxLength={200}
        error={error?.about('ticket')}
        onChange={(event) => setTicket(event.currentTarget.value)}
      />
    </Dialog>
  );
}

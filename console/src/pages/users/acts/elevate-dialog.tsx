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
  ['until', 'Until a time…'],
] as const;

/** As the API has it: an elevation lasts no longer. */
const LONGEST_MINUTES = 1_440;

/** A time in this browser's zone, as a field for day and time has it. */
function writtenLocally(time: number): string {
  return new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Gives a higher role that ends by itself. */
export function ElevateDialog({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const name = nameOf(user);
  const higher = ROLES.slice(ROLES.indexOf(user.effectiveRole) + 1);
  const [role, setRole] = useState<RoleName | undefined>(higher[0]);
  const [span, setSpan] = useState<string>('240');
  const [opened] = useState(() => Date.now());
  const [time, setTime] = useState(() => writtenLocally(opened + 480 * 60_000));
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
          ...(span === 'until' ? { expiresAt: until ?? '' } : { durationMinutes: Number(span) }),
          justification: justification.trim(),
          ...(ticket.trim() === '' ? {} : { ticket: ticket.trim() }),
        },
      }),
    ),
  );
  const error = elevate.error instanceof ApiError ? elevate.error : undefined;
  const ends = span === 'until' ? Date.parse(time) : Date.now() + Number(span) * 60_000;
  const until = Number.isNaN(ends) ? undefined : new Date(ends).toISOString();
  const ending = until === undefined ? 'the time that you choose' : clockOrDate(until);
  return (
    <Dialog
      title={`Give ${name} a higher role for a while`}
      consequence={
        role === undefined
          ? `${name} already has the highest role.`
          : `The role returns to ${user.effectiveRole} automatically, at ${ending}.`
      }
      act={`Make ${name} ${role ?? 'admin'} until ${ending}`}
      acting={elevate.isPending}
      disabled={role === undefined || until === undefined || justification.trim() === ''}
      error={error?.errors.length ? undefined : elevate.error}
      onClose={onClose}
      onAct={() =>
        elevate.mutate(undefined, {
          onSuccess: ({ id }) => {
            toast(`${name} is ${role} until ${ending}.`, () => revoke.mutate(id));
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
          value={span}
          allowDeselect={false}
          error={error?.about('durationMinutes')}
          onChange={(value) => setSpan(value ?? '240')}
        />
      </div>
      {span === 'until' && (
        <TextInput
          type="datetime-local"
          label="Until"
          description="Within 24 hours, in this browser’s time zone."
          required
          min={writtenLocally(opened)}
          max={writtenLocally(opened + LONGEST_MINUTES * 60_000)}
          value={time}
          error={error?.about('expiresAt')}
          onChange={(event) => setTime(event.currentTarget.value)}
        />
      )}
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

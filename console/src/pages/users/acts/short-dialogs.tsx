import { Checkbox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import type { User } from '../../../api/schema.d.ts';
import { Dialog } from '../../../components/dialog.tsx';
import { nameOf } from '../../../components/person.tsx';
import { type Proof, StepUp } from '../../../components/step-up.tsx';
import { toast } from '../../../components/toast.tsx';
import { useUserChange } from '../use-users.ts';
import { Insist, insisting, isManaged } from './insist.tsx';

interface Props {
  readonly user: User;
  readonly onClose: () => void;
}

const path = (user: User) => ({ params: { path: { id: user.id } } });

export function UnlockDialog({ user, onClose }: Props) {
  const name = nameOf(user);
  const unlock = useUserChange(() => dataOf(api.POST('/users/{id}/unlock', path(user))));
  return (
    <Dialog
      title={`Unlock ${name}?`}
      consequence="They can sign in again at once. The failed sign-ins stay in the audit trail."
      act="Unlock account"
      acting={unlock.isPending}
      error={unlock.error}
      onClose={onClose}
      onAct={() =>
        unlock.mutate(undefined, {
          onSuccess: () => {
            toast(`${name} was unlocked.`);
            onClose();
          },
        })
      }
    />
  );
}

export function ActivateDialog({ user, onClose }: Props) {
  const name = nameOf(user);
  const [restoreGroups, setRestoreGroups] = useState(true);
  const [reenableApiKeys, setReenableApiKeys] = useState(false);
  const [insists, setInsists] = useState(false);
  const { data: security } = useQuery({
    queryKey: ['users', user.id, 'security'],
    queryFn: () => dataOf(api.GET('/users/{id}/security', path(user))),
  });
  const activate = useUserChange(() =>
    dataOf(
      api.POST('/users/{id}/activate', {
        params: { ...path(user).params, ...insisting(insists) },
        body: { restoreGroups, reenableApiKeys },
      }),
    ),
  );
  return (
    <Dialog
      title={`Activate ${name} again?`}
      consequence="They can sign in at once, with the role that they had."
      act={`Activate ${name}`}
      disabled={isManaged(user) && !insists}
      acting={activate.isPending}
      error={activate.error}
      onClose={onClose}
      onAct={() =>
        activate.mutate(undefined, {
          onSuccess: ({ notRestored }) => {
            const lost = notRestored.map((group) => group.name).join(', ');
            toast(
              lost === ''
                ? `${name} is active again.`
                : `${name} is active again, but not in ${lost}: these groups no longer exist.`,
            );
            onClose();
          },
        })
      }
    >
      <Insist user={user} checked={insists} onChange={setInsists} />
      {user.groups.length > 0 ? (
        <Checkbox
          label="Restore group memberships"
          checked={restoreGroups}
          onChange={(event) => setRestoreGroups(event.currentTarget.checked)}
        />
      ) : (
        <p className="muted">They are no longer in any group: add them to groups afterwards.</p>
      )}
      {(security?.apiKeys ?? 0) > 0 && (
        <Checkbox
          label={`Re-enable ${security?.apiKeys} API ${security?.apiKeys === 1 ? 'key' : 'keys'}`}
          checked={reenableApiKeys}
          onChange={(event) => setReenableApiKeys(event.currentTarget.checked)}
        />
      )}
    </Dialog>
  );
}

export function RestoreDialog({ user, onClose }: Props) {
  const name = nameOf(user);
  const restore = useUserChange(() => dataOf(api.POST('/users/{id}/restore', { ...path(user), body: {} })));
  return (
    <Dialog
      title={`Restore ${name}?`}
      consequence="They come back with their role and groups."
      act={`Restore ${name}`}
      acting={restore.isPending}
      error={restore.error}
      onClose={onClose}
      onAct={() =>
        restore.mutate(undefined, {
          onSuccess: () => {
            toast(`${name} was restored.`);
            onClose();
          },
        })
      }
    />
  );
}

export function ResendDialog({ user, onClose }: Props) {
  const resend = useUserChange(() =>
    dataOf(api.POST('/users/bulk', { body: { action: 'resend_invite', userIds: [user.id] } })),
  );
  const refused = resend.data?.results[0]?.ok === false ? new Error(resend.data.results[0].message) : null;
  return (
    <Dialog
      title={`Resend the invite to ${user.email}?`}
      consequence="The link in the earlier email stops working. The new one works for 7 days."
      act="Resend invite"
      acting={resend.isPending}
      error={resend.error ?? refused}
      onClose={onClose}
      onAct={() =>
        resend.mutate(undefined, {
          onSuccess: ({ results }) => {
            if (results[0]?.ok !== true) return;
            toast(`The invitation to ${user.email} was sent again.`);
            onClose();
          },
        })
      }
    />
  );
}

/** A copy of everything that is stored about a user (R77). */
export function ExportDialog({ user, onClose }: Props) {
  const name = nameOf(user);
  const [proof, setProof] = useState<Proof>();
  const start = useUserChange(() =>
    dataOf(api.POST('/users/{id}/export', { ...path(user), body: { ...proof } })),
  );
  const id = start.data?.id;
  const { data: state } = useQuery({
    queryKey: ['exports', id],
    enabled: id !== undefined,
    refetchInterval: ({ state: { data } }) => (data?.state === 'done' ? false : 1_000),
    queryFn: () => dataOf(api.GET('/exports/{id}', { params: { path: { id: id as string } } })),
  });
  const ready = state?.state === 'done';
  return (
    <Dialog
      title={`Export the data of ${name}?`}
      consequence="One file with everything that is stored about them: profile, groups, rights, sign-ins, activity. The export is recorded in the audit trail."
      act={
        ready
          ? 'Download the file'
          : id === undefined
            ? `Export the data of ${name}`
            : 'Export is being written…'
      }
      acting={start.isPending || (id !== undefined && !ready)}
      disabled={proof === undefined}
      error={start.error}
      aside={ready ? 'The file is kept for a while, and can be downloaded on this page.' : undefined}
      onClose={onClose}
      onAct={() => {
        if (!ready) return start.mutate(undefined);
        window.location.assign(`/api/v1/exports/${id}/file`);
        onClose();
      }}
    >
      {id === undefined && <StepUp onProof={setProof} />}
    </Dialog>
  );
}

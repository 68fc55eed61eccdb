import { Radio, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../../api/client.ts';
import type { User } from '../../../api/schema.d.ts';
import { Dialog } from '../../../components/dialog.tsx';
import { nameOf } from '../../../components/person.tsx';
import { type Proof, StepUp } from '../../../components/step-up.tsx';
import { Tag } from '../../../components/tag.tsx';
import { Time } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.tsx';
import { DIRECTORY_MANAGES, useUserChange } from '../use-users.ts';
import styles from './acts.module.css';
import { Insist, insisting, isManaged } from './insist.tsx';

interface Props {
  readonly user: User;
  readonly onClose: () => void;
}

const path = (user: User) => ({ params: { path: { id: user.id } } });

/** Deactivates: what stops, with its last use, and what stays. */
export function DeactivateDialog({
  user,
  onClose,
  onDone,
}: Props & { /** What follows once they are inactive. */ readonly onDone?: () => void }) {
  const name = nameOf(user);
  const [reason, setReason] = useState('');
  const [insists, setInsists] = useState(false);
  const deactivate = useUserChange(() =>
    dataOf(
      api.POST('/users/{id}/deactivate', {
        params: { ...path(user).params, ...insisting(insists) },
        body: reason.trim() === '' ? {} : { reason: reason.trim() },
      }),
    ),
  );
  const activate = useUserChange(() =>
    dataOf(
      api.POST('/users/{id}/activate', {
        params: { ...path(user).params, ...insisting(insists) },
        body: {},
      }),
    ),
  );
  const managed = isManaged(user);
  return (
    <Dialog
      title={`Deactivate ${name}?`}
      consequence={managed ? `${DIRECTORY_MANAGES}.` : 'They can no longer sign in. Nothing is deleted.'}
      act={`Deactivate ${name}`}
      danger
      acting={deactivate.isPending}
      disabled={managed && !insists}
      error={deactivate.error}
      aside="You can activate them again at any time."
      onClose={onClose}
      onAct={() =>
        deactivate.mutate(undefined, {
          onSuccess: () => {
            toast(`${name} was deactivated.`, () => activate.mutate(undefined));
            onDone?.();
            onClose();
          },
        })
      }
    >
      <Stops user={user} />
      <Insist user={user} checked={insists} onChange={setInsists} />
      <Textarea
        label="Reason"
        description="Recorded in the audit trail."
        value={reason}
        maxLength={2_000}
        error={deactivate.error instanceof ApiError ? deactivate.error.about('reason') : undefined}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </Dialog>
  );
}

/** Deletes, softly or for good; either asks who one is once more. */
export function DeleteDialog({ user, onClose }: Props) {
  const name = nameOf(user);
  const navigate = useNavigate();
  const [mode, setMode] = useState<'soft' | 'hard'>('soft');
  const [proof, setProof] = useState<Proof>();
  const hard = mode === 'hard';
  const restore = useUserChange(() => dataOf(api.POST('/users/{id}/restore', { ...path(user), body: {} })));
  // Its own page goes away with a user who is deleted for good: what follows is part of the act.
  const remove = useUserChange(async () => {
    await dataOf(api.DELETE('/users/{id}', { ...path(user), body: { mode, ...proof } }));
    onClose();
    if (!hard) return toast(`${name} was deleted.`, () => restore.mutate(undefined));
    toast(`${name} was deleted for good.`);
    await navigate({ to: '/users' });
  });
  return (
    <Dialog
      title={`Delete ${name}?`}
      consequence={
        hard
          ? 'Their personal data is erased for good. The audit trail keeps what happened, without their name.'
          : 'They can no longer sign in, and are hidden. You can restore them until they are erased: Settings says after how many days.'
      }
      act={hard ? `Hard delete ${name}` : `Delete ${name}`}
      danger
      acting={remove.isPending}
      disabled={proof === undefined}
      error={remove.error}
      onClose={onClose}
      onAct={() => remove.mutate(undefined)}
    >
      <Radio.Group
        value={mode}
        onChange={(value) => setMode(value as 'soft' | 'hard')}
        aria-label="How to delete"
      >
        <div className={styles.ladder}>
          <Radio.Card value="soft" className={styles.rung ?? ''}>
            <Radio.Indicator size="xs" />
            <span>
              <b>Soft delete</b>
              <br />
              <span className="muted small">Hidden, can be restored</span>
            </span>
          </Radio.Card>
          <Radio.Card value="hard" className={styles.rung ?? ''}>
            <Radio.Indicator size="xs" />
            <span>
              <b>Hard delete</b> <Tag tone="danger">⚠️ Permanent action</Tag>
              <br />
              <span className="muted small">Erased for good, cannot be undone</span>
            </span>
          </Radio.Card>
        </div>
      </Radio.Group>
      <Stops user={user} />
      <StepUp onProof={setProof} />
    </Dialog>
  );
}

/** What ends for a user who leaves, with its last use where that is known. */
export function Stops({
  user,
  leavesGroups = false,
}: {
  readonly user: User;
  /** Memberships end for good, instead of being suspended. */
  readonly leavesGroups?: boolean;
}) {
  const preview = useQuery({
    queryKey: ['users', user.id, 'offboarding'],
    queryFn: () => dataOf(api.GET('/users/{id}/offboarding', path(user))),
  });
  const security = useQuery({
    queryKey: ['users', user.id, 'security'],
    queryFn: () => dataOf(api.GET('/users/{id}/security', path(user))),
  });
  const lines: readonly (readonly [what: string, detail: React.ReactNode])[] = [
    [
      'Sign-in',
      <>
        last used <Time at={user.lastLoginAt} never="never" />
      </>,
    ],
    ['Sessions', counted(security.data?.sessions?.length, 'open session ends', 'open sessions end')],
    ['API keys', counted(preview.data?.apiKeys, 'key stops working', 'keys stop working')],
    [
      'Groups',
      leavesGroups
        ? counted(preview.data?.groups.length, 'membership ends', 'memberships end')
        : counted(preview.data?.groups.length, 'membership is suspended', 'memberships are suspended'),
    ],
    ...(preview.data !== undefined && preview.data.ownsResources > 0
      ? ([
          [
            'Owned',
            counted(preview.data.ownsResources, 'resource needs a new owner', 'resources need a new owner'),
          ],
        ] as const)
      : []),
    ...(preview.data !== undefined && preview.data.serviceAccounts.length > 0
      ? ([
          [
            'Service accounts',
            `${preview.data.serviceAccounts.map((account) => account.name).join(', ')}: these go on working and need a new contact`,
          ],
        ] as const)
      : []),
  ];
  return (
    <section>
      <h3 style={{ marginBottom: 6 }}>
        What stops for <bdi>{user.email}</bdi>
      </h3>
      <ul className={styles.stops}>
        {lines.map(([what, detail]) => (
          <li key={what}>
            <b>{what}</b>
            <span className="muted">{detail}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function counted(count: number | undefined, one: string, many: string): string {
  if (count === undefined) return '…';
  return count === 0 ? 'none' : `${count} ${count === 1 ? one : many}`;
}

import { Progress } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import type { Demonstration as State } from '../../api/schema.d.ts';
import { useChange } from '../../api/use-change.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Failure } from '../../components/failure.tsx';
import { Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';

const KEY = ['demonstration'];
const OWNERS = 'Only an owner loads, opens and removes the demonstration organization.';

/** Loads, opens and removes the demonstration organization. */
export function Demonstration() {
  const me = useMe();
  const lockedBecause = me.user.owner ? undefined : OWNERS;
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: () => dataOf(api.GET('/demonstration')),
    refetchInterval: ({ state }) =>
      state.data?.state === 'loading' || state.data?.state === 'removing' ? 1_000 : false,
  });
  const load = useChange(() => dataOf(api.POST('/demonstration')), [KEY]);
  const [asksRemoval, setAsksRemoval] = useState(false);
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />;
  if (data === undefined) return null;
  return (
    <div className="stack">
      <p>
        {sentenceOf(data)}
        {data.loadedAt !== null && data.state === 'ready' && (
          <span className="muted">
            {' '}
            Loaded <Time at={data.loadedAt} />.
          </span>
        )}
      </p>
      {data.state === 'loading' && (
        <Progress value={data.percent} aria-label={`${data.percent} % loaded`} maw={320} />
      )}
      {load.error !== null && <Failure error={load.error} />}
      <div className="row">
        {(data.state === 'none' || data.state === 'failed') && (
          <ActionButton
            size="xs"
            loading={load.isPending}
            lockedBecause={lockedBecause}
            onClick={() => load.mutate()}
          >
            Load the demonstration
          </ActionButton>
        )}
        {data.state === 'ready' && <Open lockedBecause={lockedBecause} />}
        {data.state !== 'none' && data.state !== 'removing' && (
          <ActionButton size="xs" lockedBecause={lockedBecause} onClick={() => setAsksRemoval(true)}>
            {data.state === 'loading' ? 'Stop and remove' : 'Remove'}
          </ActionButton>
        )}
      </div>
      {asksRemoval && <Removal onClose={() => setAsksRemoval(false)} />}
    </div>
  );
}

function sentenceOf({ state, percent }: State): string {
  switch (state) {
    case 'none':
      return 'An organization of its own with 100 made-up people and a month of events, to see every page with data. It adds no one to your organization, sends no email, and can be removed.';
    case 'loading':
      return `The demonstration organization is being loaded: ${percent} %. This takes a few seconds.`;
    case 'ready':
      return 'The demonstration organization is ready. Changes there have no effect on your organization.';
    case 'removing':
      return 'The demonstration organization is being removed.';
    case 'failed':
      return 'The demonstration organization could not be loaded; its job says why. You can load it again.';
  }
}

function Open({ lockedBecause }: { readonly lockedBecause: string | undefined }) {
  const open = useMutation({
    mutationFn: () => dataOf(api.POST('/demonstration/session')),
    // From here on this browser sees the other organization: nothing that was read may stay.
    onSuccess: () => window.location.assign('/'),
  });
  return (
    <>
      {open.error !== null && <Failure error={open.error} />}
      <ActionButton
        size="xs"
        loading={open.isPending}
        lockedBecause={lockedBecause}
        onClick={() => open.mutate()}
      >
        Open the demonstration
      </ActionButton>
    </>
  );
}

function Removal({ onClose }: { readonly onClose: () => void }) {
  const remove = useChange(
    () => dataOf(api.DELETE('/demonstration')),
    [KEY],
    () => {
      toast('Demonstration organization removed.');
      onClose();
    },
  );
  return (
    <Dialog
      danger
      title="Remove the demonstration organization"
      consequence="Its people, groups, connections, keys, reviews and audit trail are deleted, and what you changed there. Your organization stays as it is."
      act="Remove the demonstration"
      acting={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onAct={() => remove.mutate()}
    />
  );
}

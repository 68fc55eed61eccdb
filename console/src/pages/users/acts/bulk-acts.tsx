import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { User } from '../../../api/schema.d.ts';
import type { Search } from '../../../app/router.tsx';
import type { Selection } from '../../../components/use-selection.ts';
import { allUsersOf } from '../filters.ts';
import type { BulkAct } from './bulk-dialog.tsx';

const BulkDialog = lazy(async () => ({ default: (await import('./bulk-dialog.tsx')).BulkDialog }));

/** What can be done with several users at once, and the way to all that match. */
export function BulkActs({
  selection,
  search,
  total,
}: {
  readonly selection: Selection<User>;
  readonly search: Search;
  readonly total: number | undefined;
}) {
  const [act, setAct] = useState<BulkAct>();
  const [loading, setLoading] = useState<AbortController>();
  const selectAll = async () => {
    const controller = new AbortController();
    setLoading(controller);
    try {
      selection.addAll(await allUsersOf(search, () => {}, controller.signal));
    } finally {
      setLoading(undefined);
    }
  };
  const more = total === undefined ? true : total > selection.count;
  return (
    <>
      {more && (
        <Button size="xs" variant="subtle" loading={loading !== undefined} onClick={() => void selectAll()}>
          Select all {total?.toLocaleString('en-GB') ?? 'that match'}
        </Button>
      )}
      <Button size="xs" onClick={() => setAct('add_to_group')}>
        Add to group
      </Button>
      <Button size="xs" onClick={() => setAct('change_role')}>
        Change role
      </Button>
      <Button size="xs" onClick={() => setAct('resend_invite')}>
        Resend invite
      </Button>
      <Button size="xs" data-danger="outline" onClick={() => setAct('deactivate')}>
        Deactivate
      </Button>
      <Suspense fallback={null}>
        {act !== undefined && (
          <BulkDialog
            act={act}
            users={[...selection.rows.values()]}
            onClose={() => setAct(undefined)}
            onDone={() => {
              setAct(undefined);
              selection.clear();
            }}
          />
        )}
      </Suspense>
    </>
  );
}

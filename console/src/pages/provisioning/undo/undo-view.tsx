import { Button, Checkbox, Progress, SegmentedControl, Textarea } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import { rowsOf } from '../../../api/lists.ts';
import type { Undo, UndoItem } from '../../../api/schema.d.ts';
import { usePageSearch } from '../../../app/use-search.ts';
import { Card } from '../../../components/card.tsx';
import { Failure } from '../../../components/failure.tsx';
import { Figures } from '../../../components/figures.tsx';
import { Note } from '../../../components/note.tsx';
import { nameOf, Person } from '../../../components/person.tsx';
import { SmallTable } from '../../../components/small-table.tsx';
import { type Proof, StepUp } from '../../../components/step-up.tsx';
import { Time } from '../../../components/time.tsx';
import { counted } from '../../../components/words.ts';
import { type ItemResult, undoItemsQuery, undoQuery } from './undo-queries.ts';
import { usePreview } from './use-preview.ts';

/** An undo from its preview to its report. */
export function UndoView({ undoId }: { readonly undoId: string }) {
  const [, setSearch] = usePageSearch();
  const queries = useQueryClient();
  const { data: undo, error, refetch } = useQuery(undoQuery(undoId));
  const state = undo?.state;
  const before = useRef(state);
  useEffect(() => {
    // What was restored is asked for again wherever it is shown.
    if (before.current === 'running' && state === 'done') void queries.invalidateQueries();
    before.current = state;
  }, [state, queries]);
  if (undo === undefined) {
    return error === null ? null : <Failure error={error} retry={() => void refetch()} />;
  }
  return (
    <div className="stack" style={{ gap: 18, maxWidth: 980 }}>
      <div className="row wrap">
        <div className="grow" style={{ flexBasis: 280 }}>
          <h2>{TITLES[undo.state]}</h2>
          <p className="muted">
            What {undo.batch.kind === 'import' && 'the import '}
            <bdi>{undo.batch.name}</bdi> did from <Time at={undo.batch.from} form="dateTime" /> to{' '}
            <Time at={undo.batch.to} form="dateTime" />.{' '}
            {undo.state === 'preview' && 'This is a preview; nothing has changed yet.'}
          </p>
        </div>
        <Button onClick={() => setSearch({ undo: undefined })}>
          {undo.batch.kind === 'import'
            ? 'Back to the import'
            : undo.state === 'preview'
              ? 'Choose another time'
              : 'Back to the undos'}
        </Button>
      </div>
      <Progressing undo={undo} />
      <Counts undo={undo} />
      {undo.notes.length > 0 && (
        <Note tone="warning">
          {undo.notes.map((note) => (
            <p key={note}>{note}</p>
          ))}
        </Note>
      )}
      <Items undo={undo} />
      {undo.state === 'preview' && <Confirm undo={undo} onAgain={() => void refetch()} />}
      {undo.state === 'done' && undo.counts.undo > 0 && <UndoTheUndo undo={undo} />}
    </div>
  );
}

const TITLES: Readonly<Record<Undo['state'], string>> = {
  preview: 'Undo this batch?',
  running: 'The undo is running',
  done: 'The undo is done',
};

function Progressing({ undo }: { readonly undo: Undo }) {
  if (undo.state === 'preview') return null;
  if (undo.state === 'done') {
    return (
      <Note tone={undo.counts.failed > 0 ? 'danger' : 'success'} role="status">
        {undo.summary.map((each) => (
          <p key={each}>{each}</p>
        ))}
      </Note>
    );
  }
  const { done, total } = undo.progress;
  return (
    <div>
      <Progress
        value={total === 0 ? 0 : (done / total) * 100}
        aria-label={`${done} of ${total} changes are undone`}
      />
      <p className="muted small">
        {done.toLocaleString('en-GB')} of {total.toLocaleString('en-GB')}. It continues if you leave this
        page.
      </p>
    </div>
  );
}

const FIGURES: readonly (readonly [keyof Undo['counts'], string])[] = [
  ['activated', 'people return to Active, with role and groups'],
  ['deactivated', 'people become inactive again'],
  ['restored', 'people are restored'],
  ['deleted', 'people whom it created are deleted'],
  ['roles', 'roles are set back'],
  ['profiles', 'profiles are set back'],
  ['membershipsRestored', 'memberships are restored'],
  ['membershipsEnded', 'memberships that it added end'],
  ['groupsRestored', 'groups are restored'],
  ['groupsDeleted', 'groups that it created are deleted'],
  ['others', 'other changes are undone'],
  ['skip', 'stay as they are'],
  ['failed', 'could not be undone'],
];

function Counts({ undo }: { readonly undo: Undo }) {
  const shown = FIGURES.filter(([key]) => undo.counts[key] > 0);
  if (shown.length === 0) return <p>There is nothing to undo.</p>;
  return (
    <Figures
      label="What it does"
      facts={shown.map(([key, words]) => ({
        label: words,
        value: (
          <span className={key === 'failed' ? 'danger' : ''}>{undo.counts[key].toLocaleString('en-GB')}</span>
        ),
      }))}
    />
  );
}

const RESULTS: readonly (readonly [value: ItemResult | 'all', label: string])[] = [
  ['all', 'All'],
  ['undo', 'Undone'],
  ['skip', 'Stay'],
  ['failed', 'Failed'],
];

function Items({ undo }: { readonly undo: Undo }) {
  const [search, setSearch] = usePageSearch();
  const result = RESULTS.map(([value]) => value).find((value) => value === search['result']) ?? 'all';
  const list = useInfiniteQuery(undoItemsQuery(undo.id, result === 'all' ? undefined : result, undo.state));
  const items = rowsOf(list);
  const { undo: taken, skip, failed } = undo.counts;
  const all = taken + skip + failed;
  const countOf = { all, undo: taken, skip, failed };
  if (all === 0) return null;
  return (
    <Card
      title="Change by change"
      flush
      acts={
        <SegmentedControl
          aria-label="Which changes"
          data={RESULTS.filter(([value]) => value === 'all' || countOf[value] > 0).map(([value, label]) => ({
            value,
            label: `${label} ${countOf[value].toLocaleString('en-GB')}`,
          }))}
          value={result}
          onChange={(value) => setSearch({ result: value === 'all' ? undefined : value })}
        />
      }
    >
      {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
      <SmallTable
        caption="Changes of the undo"
        headers={['Who or what', 'What the batch did', undo.state === 'preview' ? 'Undo will' : 'Undo']}
        inCard
      >
        {items.map((item) => (
          <Item key={item.number} item={item} />
        ))}
      </SmallTable>
      {list.hasNextPage && (
        <div style={{ padding: 12 }}>
          <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </Card>
  );
}

function Item({ item }: { readonly item: UndoItem }) {
  const { user, group, did, will, why, since } = item;
  return (
    <tr>
      <td>
        {user !== null ? (
          <Person name={user.name} email={user.email}>
            <Link to="/users/$userId" params={{ userId: user.id }} style={{ color: 'inherit' }}>
              {nameOf(user)}
            </Link>
          </Person>
        ) : (
          <bdi>{group?.name ?? 'A deleted group'}</bdi>
        )}
      </td>
      <td className="muted" dir="auto">
        {did}
      </td>
      <td dir="auto">
        {item.result === 'undo' ? (
          will
        ) : (
          <span className={item.result === 'failed' ? 'danger' : 'warning'}>
            {item.result === 'failed' ? 'Failed' : 'Stays'}: {why}
            {since !== null && (
              <>
                {' '}
                ({since.by ?? 'a deleted user'}, <Time at={since.at} />)
              </>
            )}
          </span>
        )}
      </td>
    </tr>
  );
}

/** Asks for a reason and who one is, then starts the undo. */
function Confirm({ undo, onAgain }: { readonly undo: Undo; readonly onAgain: () => void }) {
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const [keys, setKeys] = useState(true);
  const [proof, setProof] = useState<Proof>();
  const confirm = useMutation({
    mutationFn: async () =>
      (await dataOf(
        api.POST('/undos/{id}/confirm', {
          params: { path: { id: undo.id } },
          body: {
            token: undo.token ?? '',
            reenableApiKeys: keys,
            ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
            ...proof,
          },
        }),
      )) as Undo,
    onSuccess: (started) => queries.setQueryData(['undos', undo.id], started),
  });
  const count = undo.counts.undo;
  if (count === 0) return null;
  return (
    <Card title="Confirm">
      {confirm.error !== null && <Failure error={confirm.error} retry={onAgain} />}
      <Textarea
        label="Reason"
        description="Recorded in the audit trail."
        value={reason}
        maxLength={2_000}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Checkbox
        label="API keys that a deactivation stopped work again"
        checked={keys}
        onChange={(event) => setKeys(event.currentTarget.checked)}
      />
      <StepUp onProof={setProof} />
      <div className="row wrap">
        <Button
          variant="filled"
          loading={confirm.isPending}
          disabled={proof === undefined}
          onClick={() => confirm.mutate()}
        >
          Undo {counted(count, 'change', 'changes')}
        </Button>
        <span className="muted small">
          Sessions stay ended: people sign in again. The undo can itself be undone for 30 days.
        </span>
      </div>
    </Card>
  );
}

function UndoTheUndo({ undo }: { readonly undo: Undo }) {
  const [, setSearch] = usePageSearch();
  const preview = usePreview();
  return (
    <div className="stack">
      {preview.error !== null && <Failure error={preview.error} />}
      <div className="row">
        <Button
          loading={preview.isPending}
          onClick={() =>
            preview.mutate(
              { undoId: undo.id },
              { onSuccess: ({ id }) => setSearch({ undo: id, result: undefined }, { replace: false }) },
            )
          }
        >
          Undo this undo…
        </Button>
      </div>
    </div>
  );
}

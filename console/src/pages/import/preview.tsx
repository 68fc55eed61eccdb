import { Button, Progress, SegmentedControl } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf, moreOf, useRows } from '../../api/lists.ts';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import type { Import, ImportRowsResponse } from '../../api/schema.d.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Failure } from '../../components/failure.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import { counted } from '../../components/words.ts';
import { usePreview } from '../provisioning/undo/use-preview.ts';
import styles from './import-page.module.css';

type Row = ImportRowsResponse['data'][number];
type Result = Row['result'];

const RESULTS: Readonly<
  Record<Result, readonly [shape: 'disc' | 'ring' | 'square' | 'diamond', word: string]>
> = {
  error: ['square', 'Error'],
  skip: ['ring', 'Skip'],
  update: ['diamond', 'Update'],
  add: ['disc', 'Add'],
};

/** R152: takes an import back; the preview of that is shown first. */
function UndoImport({ found }: { readonly found: Import }) {
  const me = useMe();
  const [, setSearch] = usePageSearch();
  const preview = usePreview();
  return (
    <>
      <ActionButton
        loading={preview.isPending}
        lockedBecause={me.may('users:manage') ? undefined : NO_PERMISSION}
        onClick={() =>
          preview.mutate(
            { importId: found.id },
            { onSuccess: ({ id }) => setSearch({ undo: id, result: undefined }, { replace: false }) },
          )
        }
      >
        Undo the import…
      </ActionButton>
      {preview.error !== null && <Failure error={preview.error} />}
    </>
  );
}

export function Preview({ found, onAnother }: { readonly found: Import; readonly onAnother: () => void }) {
  const queries = useQueryClient();
  const [search, setSearch] = usePageSearch();
  // What has to be mended comes first.
  const chosen = search['result'] ?? (found.counts.error > 0 ? 'error' : 'all');
  const shown = chosen === 'all' ? undefined : (chosen as Result);
  const path = { params: { path: { id: found.id } } };
  const renew = () => queries.invalidateQueries({ queryKey: ['imports', found.id] });
  const rows = useInfiniteQuery({
    queryKey: ['imports', found.id, 'rows', shown, found.onDuplicate, found.state],
    ...byCursor,
    queryFn: ({ pageParam }) =>
      dataOf(
        api.GET('/imports/{id}/rows', {
          params: {
            ...path.params,
            query: {
              limit: 200,
              ...(shown === undefined ? {} : { result: shown }),
              ...cursorOf(pageParam),
            },
          },
        }),
      ),
  });
  const policy = useMutation({
    mutationFn: (onDuplicate: Import['onDuplicate']) =>
      dataOf(api.PATCH('/imports/{id}', { ...path, body: { onDuplicate } })),
    onSettled: renew,
  });
  const confirm = useMutation({
    mutationFn: () => dataOf(api.POST('/imports/{id}/confirm', path)),
    onSuccess: (started) => {
      queries.setQueryData(['imports', found.id], started);
      toast('The import has started. You can leave this page: it continues.');
    },
    onSettled: renew,
  });
  const { counts, progress, state } = found;
  const people = counts.add + counts.update;
  const list = useRows(rows);
  const all = counts.add + counts.skip + counts.error + counts.update;
  const error = confirm.error ?? policy.error ?? rows.error;
  return (
    <>
      <div className={styles.top}>
        {error !== null && <Failure error={error} />}
        <dl className={styles.figures}>
          <Figure
            count={counts.add}
            label={state === 'done' ? 'added' : 'to add'}
            detail="invited by email, status Pending"
          />
          {found.onDuplicate === 'update_role' && (
            <Figure
              count={counts.update}
              label={state === 'done' ? 'updated' : 'to update'}
              detail="the role of people who are already here"
            />
          )}
          <Figure
            count={counts.skip}
            label={state === 'done' ? 'skipped' : 'to skip'}
            detail="Duplicate email"
          />
          <Figure
            count={counts.error}
            label="with errors"
            detail="left out; the other rows are imported"
            bad={counts.error > 0}
          />
          {state === 'preview' && (
            <div>
              <dt className="small">
                <b>When the email already exists</b>
              </dt>
              <dd>
                <SegmentedControl
                  aria-label="When the email already exists"
                  data={[
                    { value: 'skip', label: 'Skip the row' },
                    { value: 'update_role', label: 'Update the role' },
                  ]}
                  value={found.onDuplicate}
                  disabled={policy.isPending}
                  onChange={(value) => policy.mutate(value as Import['onDuplicate'])}
                />
              </dd>
            </div>
          )}
        </dl>
        {state !== 'preview' && (
          <div role="status">
            <p style={{ marginBottom: 6 }}>
              {state === 'done'
                ? `${counted(people, 'user was', 'users were')} imported.`
                : `${progress.done.toLocaleString('en-GB')} of ${counted(progress.total, 'row is', 'rows are')} done. You can leave this page: it continues.`}
            </p>
            <Progress
              value={progress.total === 0 ? 100 : (progress.done / progress.total) * 100}
              aria-label="Progress of the import"
            />
          </div>
        )}
        <div className="row wrap">
          <b dir="auto">{found.fileName}</b>
          <span className="muted">
            {counted(all, 'row', 'rows')}, read <Time at={found.createdAt} />
            {state === 'preview' && '. Nothing is changed yet.'}
          </span>
          <span className="grow" />
          <SegmentedControl
            aria-label="Which rows"
            data={[
              { value: 'all', label: `All ${all.toLocaleString('en-GB')}` },
              ...(['error', 'skip', 'update', 'add'] as const)
                .filter((result) => counts[result] > 0)
                .map((result) => ({ value: result, label: `${RESULTS[result][1]} ${counts[result]}` })),
            ]}
            value={chosen}
            onChange={(value) => setSearch({ result: value })}
          />
          {state === 'done' && people > 0 && <UndoImport found={found} />}
          {counts.error > 0 && (
            <Button
              component="a"
              href={`/api/v1/imports/${found.id}/errors.csv`}
              leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />}
            >
              Download error CSV
            </Button>
          )}
        </div>
      </div>
      {counts.error > 0 && <ErrorHelp />}
      <DataTable
        caption="Rows of the file"
        columns={COLUMNS}
        rows={list}
        rowKey={({ row }) => String(row)}
        rowHeight={36}
        loading={rows.isPending}
        empty={<p className="muted">No rows like this.</p>}
        onMore={moreOf(rows)}
      />
      {state === 'preview' && (
        <footer className={styles.footer}>
          <span className="muted grow">
            Invitations are valid for 7 days. You can leave this page: the import continues.
          </span>
          <Button onClick={onAnother}>Choose another file</Button>
          <Button
            variant="filled"
            disabled={people === 0}
            loading={confirm.isPending}
            onClick={() => confirm.mutate()}
          >
            Confirm import of {people.toLocaleString('en-GB')} {people === 1 ? 'user' : 'users'}
          </Button>
        </footer>
      )}
    </>
  );
}

const REMEDIES = [
  ['Invalid email format', 'Fix the address: it must have an @ and a domain.'],
  ['Duplicate email', 'The address is already in use: skip the row, or update the role above.'],
  ['Invalid role', 'Exactly one of readonly, train, configure, admin, in lower case.'],
  ['Group not found', 'Create the group first, or remove it from the file.'],
] as const;

const remedyFor = (message: string | null): string | undefined =>
  REMEDIES.find(([known]) => known === message)?.[1];

/** R147: what each message means and how it is mended. */
function ErrorHelp() {
  return (
    <details className={styles.help}>
      <summary>What the errors mean, and how to fix them</summary>
      <dl>
        {REMEDIES.map(([message, remedy]) => (
          <div key={message}>
            <dt>{message}</dt>
            <dd className="muted">{remedy}</dd>
          </div>
        ))}
      </dl>
      <p className="muted">
        Download the error CSV, fix its rows, and import that file: the others are not imported twice.
      </p>
    </details>
  );
}

function Figure({
  count,
  label,
  detail,
  bad = false,
}: {
  readonly count: number;
  readonly label: string;
  readonly detail: string;
  readonly bad?: boolean;
}) {
  return (
    <div data-bad={bad || undefined}>
      <dt>
        <b className={styles.count}>{count.toLocaleString('en-GB')}</b> {label}
      </dt>
      <dd className="muted small">{detail}</dd>
    </div>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  {
    key: 'row',
    header: 'Row',
    width: 84,
    from: 600,
    cell: ({ row }) => <span className="muted">{row}</span>,
  },
  { key: 'email', header: 'email', width: 230, cell: ({ email }) => <span title={email}>{email}</span> },
  { key: 'name', header: 'name', width: 170, from: 760, cell: ({ name }) => <bdi title={name}>{name}</bdi> },
  { key: 'role', header: 'role', width: 110, from: 600, cell: ({ role }) => role },
  {
    key: 'groups',
    header: 'groups',
    width: 190,
    from: 980,
    cell: ({ groups }) => <bdi title={groups.join('; ')}>{groups.join('; ')}</bdi>,
  },
  {
    key: 'result',
    header: 'Result',
    width: 110,
    cell: ({ result }) => <Status shape={RESULTS[result][0]}>{RESULTS[result][1]}</Status>,
  },
  {
    key: 'reason',
    header: 'Reason and what to do',
    cell: ({ message, note }) => (
      <span title={[message, note ?? remedyFor(message)].filter(Boolean).join(' ')}>
        {message !== null && <b>{message} </b>}
        <span className={message === null ? 'warning' : 'muted'}>{note ?? remedyFor(message)}</span>
      </span>
    ),
  },
];

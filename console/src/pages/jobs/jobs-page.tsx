import { Button, UnstyledButton } from '@mantine/core';
import { IconRotate } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf, moreOf, useRows } from '../../api/lists.ts';
import type { Job } from '../../api/schema.d.ts';
import { useChange } from '../../api/use-change.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { FilterChips } from '../../components/filter-chips.tsx';
import { Page } from '../../components/page.tsx';
import { SidePanel } from '../../components/side-panel.tsx';
import { type Shape, Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import { counted } from '../../components/words.ts';
import styles from '../webhooks/webhooks.module.css';

const STATES: Readonly<Record<Job['state'], readonly [Shape, string]>> = {
  waiting: ['ring', 'Waiting'],
  running: ['disc', 'Running'],
  dead: ['square', 'Dead'],
};
const FILTERS = [
  {
    key: 'state',
    label: 'State',
    options: Object.entries(STATES).map(([value, [, label]]) => ({ value, label })),
  },
];

function useJobChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  return useChange(change, [['jobs']]);
}

function JobState({ state, progress }: Pick<Job, 'state' | 'progress'>) {
  return (
    <Status shape={STATES[state][0]}>
      {STATES[state][1]}
      {progress !== null && state !== 'dead' && <span className="figures">, {progress}%</span>}
    </Status>
  );
}

/** What is done in the background, and what failed until it was given up. */
export function JobsPage() {
  const [search, setSearch] = usePageSearch();
  const [retrying, setRetrying] = useState(false);
  const [state, kind] = [search['state'] as Job['state'] | undefined, search['kind']];
  const list = useInfiniteQuery({
    queryKey: ['jobs', 'list', state, kind],
    refetchInterval: 10_000,
    ...byCursor,
    queryFn: ({ pageParam }) => {
      const query = {
        limit: 100,
        ...(state === undefined ? {} : { state }),
        ...(kind === undefined ? {} : { kind }),
        ...cursorOf(pageParam),
      };
      return dataOf(api.GET('/jobs', { params: { query } }));
    },
  });
  const dead = useQuery({
    queryKey: ['jobs', 'dead', kind],
    queryFn: () =>
      dataOf(
        api.GET('/jobs', {
          params: { query: { state: 'dead', limit: 1, ...(kind === undefined ? {} : { kind }) } },
        }),
      ),
  });
  const retryAll = useJobChange(() =>
    dataOf(api.POST('/jobs/retry', { body: kind === undefined ? {} : { kind } })),
  );
  const rows = useRows(list);
  const columns: readonly Column<Job>[] = [
    {
      key: 'kind',
      header: 'Job',
      cell: (job) => (
        <UnstyledButton style={{ fontSize: 13 }} onClick={() => setSearch({ open: job.id })}>
          {written(job.kind)}
        </UnstyledButton>
      ),
    },
    {
      key: 'error',
      header: 'Last error',
      from: 760,
      cell: ({ lastError }) => (
        <span className="muted" title={lastError ?? undefined}>
          {lastError ?? '–'}
        </span>
      ),
    },
    { key: 'attempts', header: 'Attempts', width: 90, from: 620, align: 'end', cell: (job) => job.attempts },
    {
      key: 'due',
      header: 'Due',
      width: 130,
      from: 520,
      cell: ({ dueAt, deadAt }) => <Time at={deadAt ?? dueAt} never="–" />,
    },
    { key: 'state', header: 'State', width: 140, cell: (job) => <JobState {...job} /> },
  ];
  return (
    <>
      <Page
        title="Jobs"
        fill
        acts={
          <ActionButton
            leftSection={<IconRotate size={16} stroke={1.5} aria-hidden />}
            lockedBecause={dead.data?.data.length === 0 ? 'There are no dead jobs.' : undefined}
            onClick={() => setRetrying(true)}
          >
            Retry all dead jobs
          </ActionButton>
        }
        bar={
          <FilterChips
            fields={[
              ...FILTERS,
              ...(kind === undefined
                ? []
                : [{ key: 'kind', label: 'Kind', options: [{ value: kind, label: written(kind) }] }]),
            ]}
            values={search}
            onChange={(key, value) => setSearch({ [key]: value?.split(',').at(-1), open: undefined })}
          />
        }
      >
        {list.error !== null ? (
          <div className={styles.failure}>
            <Failure error={list.error} retry={() => void list.refetch()} />
          </div>
        ) : (
          <DataTable
            caption="Background jobs"
            columns={columns}
            rows={rows}
            rowKey={({ id }) => id}
            rowHeight={36}
            loading={list.isPending}
            openKey={search['open']}
            onOpen={({ id }) => setSearch({ open: id })}
            onMore={moreOf(list)}
            empty={
              <Empty title="No jobs are waiting">
                Emails, imports, deliveries and clean-ups run as jobs. A job that fails too often is listed
                here as dead, with its error, until you retry or discard it.
              </Empty>
            }
          />
        )}
      </Page>
      {search['open'] !== undefined && <JobPanel key={search['open']} jobId={search['open']} />}
      {retrying && (
        <Dialog
          title={kind === undefined ? 'Retry all dead jobs?' : `Retry all dead jobs of ${written(kind)}?`}
          consequence="They are put back into the queue and tried as often as new ones. Fix what made them fail first."
          act="Retry the dead jobs"
          acting={retryAll.isPending}
          error={retryAll.error}
          onClose={() => setRetrying(false)}
          onAct={() =>
            retryAll.mutate(undefined, {
              onSuccess: ({ retried }) => {
                setRetrying(false);
                toast(`${counted(retried, 'job was', 'jobs were')} put back.`);
              },
            })
          }
        />
      )}
    </>
  );
}

/** @returns `send mail` for `send_mail` */
const written = (kind: string): string => kind.replaceAll('_', ' ');

function JobPanel({ jobId }: { readonly jobId: string }) {
  const [, setSearch] = usePageSearch();
  const [discarding, setDiscarding] = useState(false);
  const params = { path: { id: jobId } };
  const { data: job, error } = useQuery({
    queryKey: ['jobs', jobId],
    queryFn: () => dataOf(api.GET('/jobs/{id}', { params })),
  });
  const retry = useJobChange(() => dataOf(api.POST('/jobs/{id}/retry', { params })));
  const discard = useJobChange(() => dataOf(api.DELETE('/jobs/{id}', { params })));
  const close = () => setSearch({ open: undefined });
  return (
    <SidePanel
      label="Job"
      onClose={close}
      footer={
        job?.state === 'dead' ? (
          <>
            <Button
              loading={retry.isPending}
              onClick={() => retry.mutate(undefined, { onSuccess: () => toast('The job was put back.') })}
            >
              Retry
            </Button>
            <Button data-danger="outline" onClick={() => setDiscarding(true)}>
              Discard…
            </Button>
          </>
        ) : undefined
      }
    >
      {(error ?? retry.error) !== null && <Failure error={error ?? retry.error} />}
      {job !== undefined && (
        <div className="stack" style={{ gap: 18 }}>
          <h2>{written(job.kind)}</h2>
          <dl className="facts">
            <dt>State</dt>
            <dd>
              <JobState {...job} />
            </dd>
            <dt>Attempts</dt>
            <dd>{job.attempts}</dd>
            <dt>Created</dt>
            <dd>
              <Time at={job.createdAt} form="dateTime" />
            </dd>
            {job.deadAt !== null && (
              <>
                <dt>Given up</dt>
                <dd>
                  <Time at={job.deadAt} form="dateTime" />
                </dd>
              </>
            )}
            {job.dueAt !== null && (
              <>
                <dt>Due</dt>
                <dd>
                  <Time at={job.dueAt} />
                </dd>
              </>
            )}
          </dl>
          {job.lastError !== null && (
            <section className="stack" style={{ gap: 6 }}>
              <h3>Last error</h3>
              <p style={{ overflowWrap: 'anywhere' }}>{job.lastError}</p>
            </section>
          )}
          <Button
            size="xs"
            style={{ alignSelf: 'start' }}
            onClick={() => setSearch({ kind: job.kind, open: undefined })}
          >
            All of this kind
          </Button>
        </div>
      )}
      {discarding && job !== undefined && (
        <Dialog
          title={`Discard the job “${written(job.kind)}”?`}
          consequence="Its work is not done, and it can no longer be retried."
          act="Discard the job"
          danger
          acting={discard.isPending}
          error={discard.error}
          onClose={() => setDiscarding(false)}
          onAct={() =>
            discard.mutate(undefined, {
              onSuccess: () => {
                toast('The job was discarded.');
                close();
              },
            })
          }
        />
      )}
    </SidePanel>
  );
}

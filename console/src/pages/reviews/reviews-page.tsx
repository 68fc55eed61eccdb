import { Button, SegmentedControl } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf, moreOf, useRows } from '../../api/lists.ts';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import type { Review } from '../../api/schema.d.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { Page } from '../../components/page.tsx';
import { Status } from '../../components/status.tsx';
import { dateOf, Time } from '../../components/time.tsx';
import { ReviewProgress } from './review-progress.tsx';
import styles from './reviews.module.css';
import { scopeInWords } from './use-reviews.ts';

const StartReviewDialog = lazy(async () => ({
  default: (await import('./start-review-dialog.tsx')).StartReviewDialog,
}));

const SHOWN: Readonly<Record<string, readonly Review['state'][]>> = {
  open: ['opening', 'open'],
  closed: ['closed'],
  all: ['opening', 'open', 'closed'],
};

const columns: readonly Column<Review>[] = [
  {
    key: 'title',
    header: 'Review',
    cell: (review) => (
      <div className="ellipsis">
        <Link to="/reviews/$reviewId" params={{ reviewId: review.id }} className={styles.name}>
          <bdi title={review.title}>{review.title}</bdi>
        </Link>
        <div className={`${styles.second} ellipsis`}>{scopeInWords(review)}</div>
      </div>
    ),
  },
  {
    key: 'progress',
    header: 'Progress',
    width: 240,
    narrow: 132,
    cell: (review) => <ReviewProgress review={review} compact />,
  },
  {
    key: 'mine',
    header: 'Yours to decide',
    width: 136,
    from: 620,
    cell: ({ mine }) =>
      mine.items === 0 ? (
        <span className="muted">None</span>
      ) : (
        <span className="figures">
          {mine.undecided === 0
            ? `All ${mine.items.toLocaleString('en-GB')} decided`
            : `${mine.undecided.toLocaleString('en-GB')} of ${mine.items.toLocaleString('en-GB')} left`}
        </span>
      ),
  },
  {
    key: 'due',
    header: 'Due',
    width: 168,
    from: 760,
    cell: ({ state, dueAt, closedAt }) =>
      state === 'closed' ? (
        <span className="muted">
          closed <Time at={closedAt} form="date" />
        </span>
      ) : (
        <span className={new Date(dueAt) < new Date() ? 'danger' : undefined}>
          <Time at={dueAt} />
        </span>
      ),
  },
  {
    key: 'state',
    header: 'State',
    width: 128,
    from: 860,
    cell: ({ state }) => (
      <Status shape={state === 'open' ? 'disc' : state === 'opening' ? 'ring' : 'hollow'}>
        {{ open: 'Open', opening: 'Collecting', closed: 'Closed' }[state]}
      </Status>
    ),
  },
];

/** Access reviews with their progress, the newest first. */
export function ReviewsPage() {
  const me = useMe();
  const navigate = useNavigate();
  const [search, setSearch] = usePageSearch();
  const show = search['show'] ?? 'all';
  const list = useInfiniteQuery({
    queryKey: ['reviews', 'list', show],
    placeholderData: keepPreviousData,
    ...byCursor,
    queryFn: ({ pageParam }) =>
      dataOf(
        api.GET('/reviews', {
          params: {
            query: {
              state: [...(SHOWN[show] ?? [])],
              limit: 50,
              ...cursorOf(pageParam),
            },
          },
        }),
      ),
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ data }) => data.some((review) => review.state === 'opening')) ? 2_000 : false,
  });
  const reviews = useRows(list);
  const next = list.data?.pages[0]?.nextScheduledAt;
  const lock = me.may('reviews:decide') ? undefined : NO_PERMISSION;
  const start = (label: ReactNode) => (
    <ActionButton
      variant="filled"
      leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
      lockedBecause={lock}
      onClick={() => setSearch({ start: 'open' })}
    >
      {label}
    </ActionButton>
  );
  return (
    <>
      <Page
        title="Access reviews"
        fill
        beside={
          <span className="muted small on-wide">
            {next ? `The schedule starts the next one on ${dateOf(next)}.` : undefined}
          </span>
        }
        acts={start(<span className="on-wide">Start a review</span>)}
        bar={
          <SegmentedControl
            aria-label="Which reviews"
            data={[
              { value: 'all', label: 'All' },
              { value: 'open', label: 'Open' },
              { value: 'closed', label: 'Closed' },
            ]}
            value={show}
            onChange={(value) => setSearch({ show: value === 'all' ? undefined : value })}
          />
        }
      >
        {list.error !== null && reviews.length === 0 ? (
          <div className={styles.failure}>
            <Failure error={list.error} retry={() => void list.refetch()} />
          </div>
        ) : (
          <DataTable
            caption="Access reviews"
            columns={columns}
            rows={reviews}
            rowKey={({ id }) => id}
            rowHeight={46}
            loading={list.isPending}
            onMore={moreOf(list)}
            empty={
              show === 'all' ? (
                <Empty title="No reviews yet" act={start('Start a review')}>
                  A review asks reviewers whether people still need what they have, shows what was used and
                  what was not, and keeps the evidence for auditors.
                </Empty>
              ) : (
                <Empty
                  title="No review matches"
                  act={<Button onClick={() => navigate({ to: '/reviews' })}>Show all reviews</Button>}
                >
                  {show === 'open' ? 'No review is open.' : 'No review was closed yet.'}
                </Empty>
              )
            }
          />
        )}
      </Page>
      <Suspense fallback={null}>
        {search['start'] === 'open' && <StartReviewDialog onClose={() => setSearch({ start: undefined })} />}
      </Suspense>
    </>
  );
}

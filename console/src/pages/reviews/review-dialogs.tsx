import { Button, Progress } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf, rowsOf } from '../../api/lists.ts';
import type { Review } from '../../api/schema.d.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Failure } from '../../components/failure.tsx';
import { nameOf, Person } from '../../components/person.tsx';
import { Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import { counted } from '../../components/words.ts';
import styles from './reviews.module.css';

interface Props {
  readonly review: Review;
  readonly onClose: () => void;
}

/** Ends a review. */
export function CloseReviewDialog({ review, onClose }: Props) {
  const queries = useQueryClient();
  const { undecided, items } = review.progress;
  const close = useMutation({
    mutationFn: () => dataOf(api.POST('/reviews/{id}/close', { params: { path: { id: review.id } } })),
    onSuccess: () => {
      toast(`${review.title} was closed.`);
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['reviews'] }),
  });
  return (
    <Dialog
      title={`Close ${review.title}?`}
      consequence="Nothing in it can be decided or undone afterwards."
      act="Close the review"
      danger
      acting={close.isPending}
      error={close.error}
      onClose={onClose}
      onAct={() => close.mutate()}
    >
      <p>
        {undecided === 0
          ? `All ${items} items are decided.`
          : `${undecided} of ${items} ${undecided === 1 ? 'item is' : 'items are'} undecided: ${
              review.undecided === 'keep'
                ? 'they are recorded as kept, by no one.'
                : 'they stay undecided, and the report says so.'
            } No access changes.`}
      </p>
    </Dialog>
  );
}

/** Who decides, what each has left, and a reminder. */
export function ReviewersDialog({ review, onClose }: Props) {
  const queries = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: ['reviews', review.id, 'reviewers'],
    ...byCursor,
    queryFn: ({ pageParam }) =>
      dataOf(
        api.GET('/reviews/{id}/reviewers', {
          params: {
            path: { id: review.id },
            query: { limit: 100, ...cursorOf(pageParam) },
          },
        }),
      ),
  });
  const remind = useMutation({
    mutationFn: () => dataOf(api.POST('/reviews/{id}/remind', { params: { path: { id: review.id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['reviews', review.id], exact: true }),
  });
  const reviewers = rowsOf(list);
  return (
    <Dialog
      title="Reviewers"
      consequence={
        <>
          Everyone with something left to decide gets an email, at most once in 24 hours.{' '}
          {review.remindedAt !== null && (
            <>
              Last reminded <Time at={review.remindedAt} />.
            </>
          )}
        </>
      }
      act="Remind the reviewers"
      acting={remind.isPending}
      disabled={review.state !== 'open' || review.progress.undecided === 0}
      error={remind.error}
      onClose={onClose}
      onAct={() =>
        remind.mutate(undefined, {
          onSuccess: ({ reviewers: mailed }) => {
            toast(`${counted(mailed, 'reviewer was', 'reviewers were')} reminded.`);
            onClose();
          },
        })
      }
    >
      {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
      <ul className={styles.results} aria-label="Reviewers">
        {reviewers.map(({ reviewer, items, undecided }) => (
          <li key={reviewer?.id ?? 'any'}>
            <span className="grow">
              {reviewer === null ? (
                <span className="muted">Any administrator</span>
              ) : (
                <Person name={reviewer.name} email={reviewer.email} size="small">
                  {nameOf(reviewer)}
                </Person>
              )}
            </span>
            <span className="muted figures">
              {undecided === 0 ? `all ${items} decided` : `${undecided} of ${items} to decide`}
            </span>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <div>
          <Button size="xs" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more reviewers
          </Button>
        </div>
      )}
    </Dialog>
  );
}

/** Makes the evidence bundle of a review, says how far it is, and hands it out. */
export function BundleDialog({ review, onClose }: Props) {
  const [id, setId] = useState<string>();
  const make = useMutation({
    mutationFn: () => dataOf(api.POST('/history/bundles', { body: { reviewId: review.id } })),
    onSuccess: (bundle) => setId(bundle.id),
  });
  const bundle = useQuery({
    queryKey: ['history', 'bundles', id],
    enabled: id !== undefined,
    queryFn: () => dataOf(api.GET('/history/bundles/{id}', { params: { path: { id: id as string } } })),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? 1_000 : false),
  });
  const running = id !== undefined && (bundle.data === undefined || bundle.data.state === 'running');
  const done = bundle.data?.state === 'done' ? bundle.data : undefined;
  const failed = bundle.data?.state === 'failed' ? new Error(bundle.data.error ?? '') : null;
  const download = () => window.location.assign(`/api/v1/history/bundles/${id}/file`);
  return (
    <Dialog
      title="Evidence for auditors"
      consequence="A signed zip: whom and what the review looked at, who decided what, and what was before and after. It can be verified without this server."
      act={done === undefined ? 'Make the bundle' : 'Download the bundle'}
      acting={make.isPending || running}
      error={make.error ?? bundle.error}
      aside={
        done === undefined ? undefined : (
          <>
            Can be downloaded until <Time at={done.expiresAt} form="dateTime" />
          </>
        )
      }
      onClose={onClose}
      onAct={() => (done === undefined ? make.mutate() : download())}
    >
      {failed !== null && (
        <p className="danger" role="alert">
          It could not be made. {failed.message}
        </p>
      )}
      {running && (
        <>
          <Progress value={100} animated aria-label="The bundle is being made" />
          <p className="muted" role="status">
            The bundle is being made. You can leave this page, but only this dialog shows the bundle.
          </p>
        </>
      )}
      {done !== undefined && (
        <dl className="facts">
          <dt>State</dt>
          <dd>
            Ready, {((done.bytes ?? 0) / 1_024).toLocaleString('en-GB', { maximumFractionDigits: 0 })} kB
          </dd>
          <dt>SHA-256</dt>
          <dd>
            <code>{done.sha256}</code>
          </dd>
          <dt>Verify with</dt>
          <dd>
            <code>rollcall history verify</code>
          </dd>
        </dl>
      )}
      {done === undefined && !running && (
        <p className="muted small row">
          <IconDownload size={14} stroke={1.5} aria-hidden /> The report as CSV is in the same menu.
        </p>
      )}
    </Dialog>
  );
}

import { Button, SegmentedControl } from '@mantine/core';
import { IconChecks } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useRef, useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { moreOf, useRows } from '../../api/lists.ts';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import { isShownInstead } from '../../api/query-client.ts';
import type { Review, ReviewItem } from '../../api/schema.d.ts';
import { useKeys } from '../../app/keys.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Failure } from '../../components/failure.tsx';
import { FilterChips } from '../../components/filter-chips.tsx';
import { Page } from '../../components/page.tsx';
import { nameOf } from '../../components/person.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { SelectionBar } from '../../components/selection-bar.tsx';
import { toast } from '../../components/toast.tsx';
import { useNarrow } from '../../components/use-narrow.ts';
import { useSelection } from '../../components/use-selection.ts';
import { counted } from '../../components/words.ts';
import type { BulkTarget } from './decide-dialogs.tsx';
import { ITEM_COLUMNS } from './item-columns.tsx';
import { ItemPanel, lockOf } from './item-panel.tsx';
import { NoItems } from './no-items.tsx';
import { ReviewActs } from './review-acts.tsx';
import { ReviewProgress } from './review-progress.tsx';
import styles from './reviews.module.css';
import {
  type Choice,
  ITEM_FILTERS,
  itemCounts,
  itemsQuery,
  reviewQuery,
  useDecisions,
} from './use-reviews.ts';

const DIALOGS = {
  close: lazy(async () => ({ default: (await import('./review-dialogs.tsx')).CloseReviewDialog })),
  reviewers: lazy(async () => ({ default: (await import('./review-dialogs.tsx')).ReviewersDialog })),
  bundle: lazy(async () => ({ default: (await import('./review-dialogs.tsx')).BundleDialog })),
} as const;
const DecideDialog = lazy(async () => ({ default: (await import('./decide-dialogs.tsx')).DecideDialog }));
const BulkDecideDialog = lazy(async () => ({
  default: (await import('./decide-dialogs.tsx')).BulkDecideDialog,
}));

const LOW_RISK = { risk: 'low', suggestion: 'keep' } as const;
const keyOf = ({ id }: ReviewItem): string => id;
const itemName = ({ subject }: ReviewItem): string => nameOf(subject);

/** The decisions of a review: row, evidence, three keys. */
export function ReviewPage() {
  const { reviewId } = useParams({ strict: false }) as { reviewId: string };
  const { data: review, error, refetch } = useQuery(reviewQuery(reviewId));
  if (isShownInstead(error, review)) {
    return (
      <Page title="Access review" parent={{ to: '/reviews', label: 'Access reviews' }}>
        <Failure error={error} retry={() => void refetch()} />
      </Page>
    );
  }
  if (review === undefined) return null;
  // What is collected meanwhile is read once it is complete.
  return <ReviewView key={`${review.id} ${review.state}`} review={review} />;
}

function ReviewView({ review }: { readonly review: Review }) {
  const me = useMe();
  const isNarrow = useNarrow();
  const [search, setSearch] = usePageSearch();
  const searchField = useRef<HTMLInputElement>(null);
  const [dialog, setDialog] = useState<keyof typeof DIALOGS>();
  const [asking, setAsking] = useState<'keep' | 'change' | 'end' | 'note'>();
  const [bulk, setBulk] = useState<{
    readonly decision: 'keep' | 'suggested';
    readonly target: BulkTarget;
    readonly count: string;
  }>();
  const list = useInfiniteQuery(itemsQuery(review.id, search));
  const items = useRows(list);
  const selection = useSelection(items, keyOf);
  const decisions = useDecisions(review.id);
  const { decide, undo } = decisions;
  const openId = search['open'];
  const at = items.findIndex(({ id }) => id === openId);
  const item = items[at];
  const open = useCallback((row: ReviewItem) => setSearch({ open: row.id }), [setSearch]);
  const isAdministrator = me.may('reviews:decide');
  const show = search['show'] ?? 'open';

  const isOpen = review.state === 'open';
  const lowRisk = useQuery({
    queryKey: ['reviews', review.id, 'low-risk'],
    enabled: isOpen,
    queryFn: () =>
      dataOf(
        api.GET('/reviews/{id}/items', {
          params: {
            path: { id: review.id },
            query: { decided: 'false', risk: ['low'], suggestion: ['keep'], limit: 200 },
          },
        }),
      ),
  });
  const low = isOpen ? (lowRisk.data?.data.filter(({ mayDecide }) => mayDecide).length ?? 0) : 0;
  const lowCount = `${low}${lowRisk.data?.nextCursor ? ' or more' : ''}`;

  /** The next one that waits for a decision, if it is in the list. */
  const advance = () => {
    const next = items.slice(at + 1).find(({ decision, mayDecide }) => decision === null && mayDecide);
    if (next !== undefined) open(next);
  };
  const said = (decided: ReviewItem, choice: Choice) => {
    const name = itemName(decided);
    const words = {
      keep: `The access of ${name} was kept.`,
      change_role: `${name} is ${choice.role} now.`,
      remove_group: `${name} was removed from the group.`,
      deactivate: `${name} was ${{ user: 'deactivated', service_account: 'disabled', api_key: 'revoked' }[decided.subject.type]}.`,
    }[choice.decision];
    const final = decided.subject.type === 'api_key' && choice.decision === 'deactivate';
    toast(words, final ? undefined : () => undo.mutate(decided.id));
  };
  const onDecided = (choice: Choice) => {
    if (item === undefined) return;
    said(item, choice);
    setAsking(undefined);
    advance();
  };
  const act = (what: 'keep' | 'change' | 'end' | 'note') => {
    if (item === undefined || lockOf(item, review) !== undefined) return;
    if (item.decision !== null && item.decision !== 'keep') return;
    if (what === 'change' && item.subject.type === 'api_key') return;
    decide.reset();
    undo.reset();
    if (what !== 'keep' || item.risk === 'high') {
      setAsking(what);
      return;
    }
    const choice: Choice = { decision: 'keep' };
    decide.mutate({ itemId: item.id, choice }, { onSuccess: () => onDecided(choice) });
  };
  useKeys({
    '/': () => searchField.current?.focus(),
    k: () => act('keep'),
    c: () => act('change'),
    d: () => act('end'),
    n: () => act('note'),
  });

  const Asked = dialog === undefined ? undefined : DIALOGS[dialog];
  const counts = itemCounts(review, !isAdministrator || search['mine'] === 'true');
  const others = isAdministrator ? counts.open - review.mine.undecided : 0;
  const keepLowRisk = low > 0 && (
    <Button
      size={isNarrow ? 'xs' : 'sm'}
      leftSection={<IconChecks size={16} stroke={1.5} aria-hidden />}
      onClick={() =>
        setBulk({ decision: 'keep', target: { select: LOW_RISK }, count: `all ${lowCount} of low risk` })
      }
    >
      Keep all {lowCount} low risk
    </Button>
  );
  const names = new Map(items.map((row) => [row.id, itemName(row)]));
  return (
    <>
      <Page
        title={review.title}
        parent={{ to: '/reviews', label: 'Access reviews' }}
        fill
        acts={<ReviewActs review={review} onAsk={setDialog} />}
        bar={
          <>
            {isNarrow && <ReviewProgress review={review} compact dated />}
            <SegmentedControl
              aria-label="Which items"
              data={[
                { value: 'open', label: `Open ${counts.open.toLocaleString('en-GB')}` },
                {
                  value: 'decided',
                  label: isNarrow ? 'Decided' : `Decided ${counts.decided.toLocaleString('en-GB')}`,
                },
                { value: 'all', label: isNarrow ? 'All' : `All ${counts.all.toLocaleString('en-GB')}` },
              ]}
              value={show}
              onChange={(value) => setSearch({ show: value === 'open' ? undefined : value, open: undefined })}
            />
            <SearchField
              label="Search by name or email"
              placeholder="Name or email"
              field={searchField}
              text={search['q']}
              onChange={(q) => setSearch({ q, open: undefined })}
            />
            <div className="chips">
              <FilterChips
                fields={ITEM_FILTERS}
                values={search}
                onChange={(key, value) => setSearch({ [key]: value, open: undefined })}
              />
              {isNarrow && keepLowRisk}
              {isOpen && others > 0 && search['mine'] !== 'true' && item === undefined && (
                <span className="muted small" title="The others are about you, or have other reviewers.">
                  {`Yours to decide: ${review.mine.undecided.toLocaleString('en-GB')} of ${counts.open.toLocaleString('en-GB')} open`}
                </span>
              )}
              {!isNarrow && (
                <>
                  <span className="grow" />
                  <ActionButton
                    variant="subtle"
                    lockedBecause={isAdministrator ? undefined : NO_PERMISSION}
                    onClick={() => setDialog('reviewers')}
                  >
                    Reviewers
                  </ActionButton>
                  {keepLowRisk}
                </>
              )}
            </div>
          </>
        }
      >
        {list.error !== null && (
          <div className={styles.failure}>
            <Failure error={list.error} retry={() => void list.refetch()} />
          </div>
        )}
        {undo.error !== null && item === undefined && (
          <div className={styles.failure}>
            <Failure error={undo.error} />
          </div>
        )}
        <DataTable
          caption={`Items of ${review.title}`}
          columns={ITEM_COLUMNS}
          rows={items}
          rowKey={keyOf}
          rowName={itemName}
          rowHeight={46}
          loading={list.isPending}
          selection={selection}
          openKey={openId}
          onOpen={open}
          moveBy="j-and-arrows"
          onMore={moreOf(list)}
          empty={<NoItems review={review} />}
        />
      </Page>
      {item !== undefined && (
        <ItemPanel
          key={item.id}
          review={review}
          item={item}
          error={asking === undefined ? (decide.error ?? undo.error) : null}
          acting={undo.isPending}
          onAct={act}
          onUndo={() => {
            decide.reset();
            undo.mutate(item.id);
          }}
          position={`${at + 1} of ${items.length.toLocaleString('en-GB')}${list.hasNextPage ? '+' : ''}`}
          onPrevious={at > 0 ? () => open(items[at - 1] as ReviewItem) : undefined}
          onNext={at < items.length - 1 ? () => open(items[at + 1] as ReviewItem) : undefined}
          onClose={() => setSearch({ open: undefined })}
        />
      )}
      <SelectionBar count={selection.count} onClear={selection.clear}>
        {(['keep', 'suggested'] as const).map((decision) => (
          <Button
            key={decision}
            variant="subtle"
            disabled={review.state !== 'open'}
            onClick={() =>
              setBulk({
                decision,
                target: { items: [...selection.rows.keys()] },
                count: counted(selection.count, 'item', 'items'),
              })
            }
          >
            {decision === 'keep' ? 'Keep' : 'Decide as suggested'}
          </Button>
        ))}
      </SelectionBar>
      <Suspense fallback={null}>
        {Asked !== undefined && <Asked review={review} onClose={() => setDialog(undefined)} />}
        {asking !== undefined && item !== undefined && (
          <DecideDialog
            key={`${item.id} ${asking}`}
            item={item}
            act={asking}
            decisions={decisions}
            onClose={() => {
              decide.reset();
              setAsking(undefined);
            }}
            onDecided={onDecided}
          />
        )}
        {bulk !== undefined && (
          <BulkDecideDialog
            reviewId={review.id}
            {...bulk}
            names={names}
            onClose={() => setBulk(undefined)}
            onDone={() => {
              setBulk(undefined);
              selection.clear();
              void list.refetch();
              void decisions.refresh();
            }}
          />
        )}
      </Suspense>
    </>
  );
}

import { Button } from '@mantine/core';
import type { Review } from '../../api/schema.d.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { Empty } from '../../components/empty.tsx';
import { ITEM_FILTERS } from './use-reviews.ts';

/** Why a review shows no items. */
export function NoItems({ review }: { readonly review: Review }) {
  const [search, setSearch] = usePageSearch();
  const { progress } = review;
  const show = search['show'] ?? 'open';
  const filtered = search['q'] || ITEM_FILTERS.some(({ key }) => search[key] !== undefined);
  return review.state === 'opening' ? (
    <Empty title="Items are being collected">
      {`${progress.items} of ${progress.expected} are collected. Reviewers get an email when all are.`}
    </Empty>
  ) : filtered ? (
    <Empty
      title="No item matches"
      act={
        <Button
          onClick={() =>
            setSearch(
              Object.fromEntries(['q', ...ITEM_FILTERS.map(({ key }) => key)].map((key) => [key, undefined])),
            )
          }
        >
          Clear all filters
        </Button>
      }
    >
      No item matches the search and all of the filters.
    </Empty>
  ) : show === 'open' ? (
    <Empty
      title={progress.items === 0 ? 'Nothing to review' : 'Everything is decided'}
      act={
        progress.items > 0 && (
          <Button onClick={() => setSearch({ show: 'all' })}>Show all {progress.items}</Button>
        )
      }
    >
      {progress.items === 0
        ? 'No one and nothing is in the scope of this review.'
        : 'Close the review when you are done: decisions can be undone until then.'}
    </Empty>
  ) : (
    <Empty title="Nothing decided yet">Decided items appear here.</Empty>
  );
}

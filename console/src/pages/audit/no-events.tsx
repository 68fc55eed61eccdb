import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { usePageSearch } from '../../app/use-search.ts';
import { Empty } from '../../components/empty.tsx';
import { actionsQuery } from '../../components/event-picker.tsx';

/** A word of fewer letters is in too many names. */
const LEAST_LETTERS = 3;
const MOST_OFFERED = 3;

/** Where no event fits: what the search looks in, and the kinds of events that have its words in their names. */
export function NoEvents({
  onNarrow,
}: {
  readonly onNarrow: (changed: Readonly<Record<string, string | undefined>>) => void;
}) {
  const [search] = usePageSearch();
  const { data } = useQuery(actionsQuery);
  const text = search['q'];
  const words = (text ?? '')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word.length >= LEAST_LETTERS);
  const offered = (data?.data ?? [])
    .map(({ action }) => action)
    .filter((action) =>
      action.split(/[._]/).some((part) => words.some((word) => word === part || word === `${part}s`)),
    )
    .slice(0, MOST_OFFERED);
  return (
    <Empty
      title="Nothing matches"
      act={
        <div className="row wrap" style={{ justifyContent: 'center' }}>
          {offered.map((action) => (
            <Button key={action} onClick={() => onNarrow({ q: undefined, action })}>
              Show {action}
            </Button>
          ))}
          <Button
            onClick={() => onNarrow(Object.fromEntries(Object.keys(search).map((key) => [key, undefined])))}
          >
            Clear all filters
          </Button>
        </div>
      }
    >
      {text === undefined
        ? 'No event matches all of the filters.'
        : 'The search looks for names and addresses. Choose what happened under Event.'}
    </Empty>
  );
}

import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { moreOf, useRows } from '../../api/lists.ts';
import type { HistoryChange } from '../../api/schema.d.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { FilterChips } from '../../components/filter-chips.tsx';
import person from '../../components/marks.module.css';
import { Avatar } from '../../components/person.tsx';
import { dateOf, dateTime, inLocalTime, Time } from '../../components/time.tsx';
import { PersonChip } from '../users/person-chip.tsx';
import { StateCell } from './change-cells.tsx';
import styles from './history.module.css';
import { differencesQuery, KINDS } from './history.ts';

const KIND_FILTER = [
  { key: 'kind', label: 'Show', options: KINDS.map(([value, label]) => ({ value, label })) },
];
const keyOf = ({ at, kind, sentence }: HistoryChange): string => `${at} ${kind} ${sentence}`;

/** Who gained or lost something between two moments, and by what event. */
export function Differences({ filters }: { readonly filters: Parameters<typeof differencesQuery>[0] }) {
  const [search, setSearch] = usePageSearch();
  const list = useInfiniteQuery({
    ...differencesQuery(filters),
    placeholderData: keepPreviousData,
  });
  const rows = useRows(list);
  const to = filters.to ?? list.data?.pages[0]?.to;
  const isOneDay = to !== undefined && dateOf(to) === dateOf(filters.from);
  const momentOf = isOneDay ? dateTime : dateOf;
  const columns: readonly Column<HistoryChange>[] = [
    { key: 'who', header: 'Who', cell: (change) => <Who change={change} /> },
    {
      key: 'before',
      header: momentOf(filters.from),
      from: 620,
      cell: (change) => <StateCell change={change} side="before" />,
    },
    {
      key: 'after',
      header: to === undefined ? 'Now' : momentOf(to),
      cell: (change) => <StateCell change={change} side="after" />,
    },
    {
      key: 'cause',
      header: 'Cause',
      width: 400,
      from: 900,
      cell: ({ cause, at }) => (
        <span className={styles.cause} dir="auto" title={cause?.sentence && inLocalTime(cause.sentence)}>
          <Time at={at} form="date" />
          {': '}
          {cause === null ? (
            'no event recorded'
          ) : (
            <Link to="/audit" search={{ open: cause.eventId } as never}>
              {cause.reason === null ? inLocalTime(cause.sentence) : `“${cause.reason}”`}
            </Link>
          )}
        </span>
      ),
    },
  ];
  return (
    <>
      <div className={styles.content}>
        <div className={styles.heading}>
          <h2>Who gained or lost something</h2>
          <span className="grow" />
          <div className="chips">
            <FilterChips
              fields={KIND_FILTER}
              values={search}
              onChange={(key, value) => setSearch({ [key]: value })}
            />
            <PersonChip label="Person" value={search['user']} onChange={(user) => setSearch({ user })} />
          </div>
        </div>
      </div>
      {list.error !== null ? (
        <div className={styles.failure}>
          <Failure error={list.error} retry={() => void list.refetch()} />
        </div>
      ) : (
        <div className={styles.list}>
          <DataTable
            caption="What differs between the two dates"
            columns={columns}
            rows={rows}
            rowKey={keyOf}
            loading={list.isPending}
            onMore={moreOf(list)}
            empty={<Empty title="Nothing differs">Nothing shown here changed between the two dates.</Empty>}
          />
        </div>
      )}
    </>
  );
}

function Who({ change: { user, group } }: { readonly change: HistoryChange }) {
  const party = user ?? group;
  if (party === null) return <span className="muted">–</span>;
  return (
    <span className={person.person}>
      <Avatar name={party.label} />
      <div>
        <Link
          to={(user === null ? '/groups/$groupId' : '/users/$userId') as never}
          params={{ userId: party.id, groupId: party.id } as never}
          className={person.personName ?? ''}
          dir="auto"
        >
          {party.label}
        </Link>
        <span className={person.personEmail}>
          {user === null ? 'group' : (party.email ?? 'pseudonym of an erased person')}
        </span>
      </div>
    </span>
  );
}

import { SegmentedControl } from '@mantine/core';
import { IconPackageExport } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { moreOf, useRows } from '../../api/lists.ts';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import type { HistoryChange } from '../../api/schema.d.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { ExportMenu } from '../../components/export-menu.tsx';
import { Failure } from '../../components/failure.tsx';
import { Figures } from '../../components/figures.tsx';
import { FilterChips } from '../../components/filter-chips.tsx';
import person from '../../components/marks.module.css';
import { Page } from '../../components/page.tsx';
import { Avatar } from '../../components/person.tsx';
import { dateOf, dateTime, inLocalTime, Time } from '../../components/time.tsx';
import { PersonChip } from '../users/person-chip.tsx';
import { StateCell } from './change-cells.tsx';
import { DayView } from './day-view.tsx';
import { Density } from './density.tsx';
import styles from './history.module.css';
import {
  completeSinceQuery,
  differenceQuery,
  differencesQuery,
  KINDS,
  type Span,
  spanOf,
  summaryQuery,
} from './history.ts';
import { MomentChip } from './moment-chip.tsx';

const BundleDialog = lazy(async () => ({ default: (await import('./bundle-dialog.tsx')).BundleDialog }));

const KIND_FILTER = [
  { key: 'kind', label: 'Show', options: KINDS.map(([value, label]) => ({ value, label })) },
];
const FORMATS = [
  ['csv', 'CSV, for spreadsheets'],
  ['ndjson', 'NDJSON, one change a line'],
] as const;
const keyOf = ({ at, kind, sentence }: HistoryChange): string => `${at} ${kind} ${sentence}`;
const endOf = (day: string): string =>
  new Date(Math.min(Date.parse(day) + 86_399_000, Date.now())).toISOString();

/** The organization on one day, or what differs between two moments and who caused it. */
export function HistoryPage() {
  const me = useMe();
  const [search, setSearch] = usePageSearch();
  const complete = useQuery(completeSinceQuery);
  const since = complete.data?.completeSince ?? undefined;
  const oneDay = search['mode'] === 'day';
  const span = since === undefined ? undefined : spanOf(search, since);
  const all = useQuery({
    ...summaryQuery({ from: since ?? '', to: undefined }),
    enabled: since !== undefined,
    retry: false,
  });
  const day = search['on'] ?? undefined;
  const filters =
    span === undefined
      ? undefined
      : { ...span, userId: search['user'], kinds: search['kind']?.split(',') ?? [] };
  const exportLock = me.may('audit:export') ? undefined : NO_PERMISSION;
  return (
    <>
      <Page
        title="History"
        fill
        count={
          since !== undefined && (
            <span className="small on-wide">
              Complete since <Time at={since} form="dateTime" />
            </span>
          )
        }
        acts={
          <>
            {!oneDay && filters !== undefined && (
              <ExportMenu
                path="/history/differences/export"
                query={differenceQuery(filters)}
                formats={FORMATS}
                lockedBecause={exportLock}
              >
                <span className="on-wide">Export differences</span>
              </ExportMenu>
            )}
            <ActionButton
              lockedBecause={exportLock}
              leftSection={<IconPackageExport size={16} stroke={1.5} aria-hidden />}
              onClick={() => setSearch({ bundle: 'new' })}
            >
              <span className="on-wide">Auditor’s bundle</span>
            </ActionButton>
          </>
        }
        bar={
          <>
            <SegmentedControl
              aria-label="What to show"
              data={[
                { value: 'day', label: 'One day' },
                { value: 'difference', label: 'Difference of two dates' },
              ]}
              value={oneDay ? 'day' : 'difference'}
              onChange={(mode) => setSearch({ mode: mode === 'day' ? 'day' : undefined })}
            />
            {oneDay ? (
              <MomentChip label="On" at={day} since={since} onChange={(on) => setSearch({ on })} />
            ) : (
              span !== undefined && (
                <>
                  <MomentChip
                    label="From"
                    at={span.from}
                    since={since}
                    onChange={(from) => setSearch({ from })}
                  />
                  <span className="arrow muted">→</span>
                  <MomentChip label="To" at={span.to} since={since} onChange={(to) => setSearch({ to })} />
                </>
              )
            )}
            <span className="grow" />
            <span className="muted small">{Intl.DateTimeFormat().resolvedOptions().timeZone}</span>
          </>
        }
      >
        {complete.error !== null && (
          <div className={styles.failure}>
            <Failure error={complete.error} retry={() => void complete.refetch()} />
          </div>
        )}
        {complete.data !== undefined && since === undefined && (
          <div className={styles.failure}>
            <Empty title="History is being completed">
              What was there before history was kept is read once. Come back in a few minutes.
            </Empty>
          </div>
        )}
        {since !== undefined && span !== undefined && filters !== undefined && (
          <div className={styles.all}>
            <div className={styles.content}>
              {all.data !== undefined && (
                <Density
                  days={all.data.days}
                  since={since}
                  from={oneDay ? (day ?? new Date().toISOString()) : span.from}
                  to={oneDay ? (day ?? new Date().toISOString()) : (span.to ?? new Date().toISOString())}
                  onPick={(picked) =>
                    oneDay
                      ? setSearch({ on: endOf(picked) })
                      : setSearch(
                          Date.parse(picked) < Date.parse(span.from)
                            ? {
                                from: new Date(Math.max(Date.parse(picked), Date.parse(since))).toISOString(),
                              }
                            : { to: endOf(picked) },
                        )
                  }
                />
              )}
              {!oneDay && <Counts span={span} />}
            </div>
            {oneDay ? <DayView on={day} /> : <Differences filters={filters} />}
          </div>
        )}
      </Page>
      <Suspense fallback={null}>
        {search['bundle'] !== undefined && span !== undefined && (
          <BundleDialog
            bundle={search['bundle']}
            span={span}
            since={since ?? span.from}
            onBundle={(bundle) => setSearch({ bundle })}
            onClose={() => setSearch({ bundle: undefined })}
          />
        )}
      </Suspense>
    </>
  );
}

function Counts({ span }: { readonly span: Span }) {
  const { data, error } = useQuery({
    ...summaryQuery(span),
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (error !== null) return <Failure error={error} />;
  const counts = new Map(Object.entries(data?.counts ?? {}));
  const sum = (...effects: string[]) =>
    effects.reduce((total, effect) => total + (counts.get(effect) ?? 0), 0);
  const owners = sum('gained_owner') - sum('lost_owner');
  const facts = [
    { label: 'joined', count: sum('joined'), sign: '+' },
    { label: 'left', count: sum('left'), sign: '−' },
    { label: 'gained a role', count: sum('gained_role') },
    { label: 'lost a role', count: sum('lost_role') },
    { label: 'activated or deactivated', count: sum('activated', 'deactivated') },
    { label: 'given a temporary role', count: sum('elevated') },
    { label: 'memberships changed', count: sum('gained_group', 'lost_group', 'in_group_role_changed') },
    {
      label: owners < 0 ? 'owners lost' : owners === 1 ? 'owner added' : 'owners added',
      count: Math.abs(owners),
    },
  ].filter(({ count }) => count > 0);
  return (
    <>
      {facts.length > 0 && (
        <Figures
          label="What differs"
          facts={facts.map(({ label, count, sign = '' }) => ({
            label,
            value: `${sign}${count.toLocaleString('en-GB')}`,
          }))}
        />
      )}
      {data?.whole === false && (
        <p className="small muted">There are too many changes to count all: the oldest are left out.</p>
      )}
    </>
  );
}

function Differences({ filters }: { readonly filters: Parameters<typeof differencesQuery>[0] }) {
  const [search, setSearch] = usePageSearch();
  const list = useInfiniteQuery({
    ...differencesQuery(filters),
    placeholderData: keepPreviousData,
    retry: false,
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
            'no event tells of it'
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
            empty={
              <Empty title="Nothing differs">
                Nothing of what is shown here changed between the two dates.
              </Empty>
            }
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

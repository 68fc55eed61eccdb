import { Button, SegmentedControl, UnstyledButton } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf, rowsOf } from '../../api/lists.ts';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import type { ActivityTop } from '../../api/schema.d.ts';
import type { Search } from '../../app/router.tsx';
import { usePageSearch } from '../../app/use-search.ts';
import { ActivityChart } from '../../components/activity-chart.tsx';
import { Card } from '../../components/card.tsx';
import { DayTimeline } from '../../components/day-timeline.tsx';
import { Empty } from '../../components/empty.tsx';
import { ExportMenu } from '../../components/export-menu.tsx';
import { Failure } from '../../components/failure.tsx';
import { FilterChips } from '../../components/filter-chips.tsx';
import { Page } from '../../components/page.tsx';
import { PersonChip } from '../users/person-chip.tsx';
import styles from './activity.module.css';

const HOUR = 3_600_000;
const SPANS = [
  ['24', '24 h', 'hour'],
  ['168', '7 days', 'hour'],
  ['720', '30 days', 'day'],
  ['2016', '12 weeks', 'day'],
] as const;

const FILTERS = [
  {
    key: 'source',
    label: 'Source',
    options: [
      { value: 'application', label: 'Applications' },
      { value: 'api', label: 'The API and this console' },
      { value: 'scim', label: 'SCIM' },
      { value: 'sso', label: 'Single sign-on' },
      { value: 'sign_in', label: 'Sign-ins' },
      { value: 'invitation', label: 'Invitations' },
      { value: 'cli', label: 'The command line' },
      { value: 'schedule', label: 'Schedules' },
    ],
  },
  {
    key: 'type',
    label: 'Kind',
    options: [
      { value: 'query', label: 'Queries' },
      { value: 'session.*', label: 'Sessions' },
      { value: 'auth.*', label: 'Failed sign-ins' },
      { value: 'user.*', label: 'Changes of users' },
      { value: 'group.*', label: 'Changes of groups' },
    ],
  },
];
const FORMATS = [
  ['csv', 'CSV, for spreadsheets'],
  ['ndjson', 'NDJSON, one entry a line'],
] as const;

/** @returns what lists and exports are narrowed to by the address */
function filtersOf(search: Search, from: string) {
  return {
    from,
    ...(search['source'] === undefined ? {} : { source: search['source'] as 'application' }),
    ...(search['type'] === undefined ? {} : { type: search['type'].split(',') }),
    ...(search['user'] === undefined ? {} : { user: [search['user']] }),
  };
}

/** What people and programs did: over time, by agent and by person, and each entry with the audit trail's. */
export function ActivityPage() {
  const me = useMe();
  const [search, setSearch] = usePageSearch();
  const span = SPANS.find(([hours]) => hours === search['span']) ?? SPANS[1];
  // To the minute, once for each span: the questions stay the same while the page is shown.
  const from = useMemo(
    () => new Date(Math.floor((Date.now() - Number(span[0]) * HOUR) / 60_000) * 60_000).toISOString(),
    [span],
  );
  const filters = filtersOf(search, from);
  const whole = me.may('activity:read');
  const series = useQuery({
    queryKey: ['activity', 'series', span[0], from],
    placeholderData: keepPreviousData,
    queryFn: () => {
      const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      return dataOf(api.GET('/activity/series', { params: { query: { bucket: span[2], from, timeZone } } }));
    },
  });
  return (
    <Page
      title="Activity"
      acts={
        <>
          <SegmentedControl
            aria-label="Time span"
            data={SPANS.map(([value, label]) => ({ value, label }))}
            value={span[0]}
            onChange={(value) => setSearch({ span: value })}
          />
          <ExportMenu
            path="/activity/export"
            query={filters}
            formats={FORMATS}
            lockedBecause={whole ? undefined : NO_PERMISSION}
          >
            <span className="on-wide">Export</span>
          </ExportMenu>
        </>
      }
    >
      <div className={styles.content}>
        <Card title={`Queries per ${span[2]}`}>
          {series.error !== null ? (
            <Failure error={series.error} retry={() => void series.refetch()} />
          ) : (
            <ActivityChart buckets={series.data?.data} unit={span[2]} />
          )}
        </Card>
        <div className={styles.tops}>
          <Top title="Most used agents" by="agent" heading="Agent" from={from} />
          <Top
            title="Most active people"
            by="user"
            heading="Person"
            from={from}
            onPick={(user) => setSearch({ user })}
          />
          {whole && <Top title="Most used resources" by="resource" heading="Resource" from={from} />}
        </div>
        <Log filters={filters} />
      </div>
    </Page>
  );
}

function Top({
  title,
  by,
  heading,
  from,
  onPick,
}: {
  readonly title: string;
  readonly by: 'agent' | 'user' | 'resource';
  readonly heading: string;
  readonly from: string;
  readonly onPick?: (key: string) => void;
}) {
  const { data, error } = useQuery({
    queryKey: ['activity', 'top', by, from],
    placeholderData: keepPreviousData,
    queryFn: () => dataOf(api.GET('/activity/top', { params: { query: { by, from, limit: 5 } } })),
  });
  const nameOf = ({ key, name, email }: ActivityTop) => name ?? email ?? key;
  // They are ordered by all that was done; what is done with a resource is seldom a query.
  const counted = by === 'resource' ? 'events' : 'queries';
  return (
    <Card title={title} flush>
      {error !== null && <Failure error={error} />}
      {data?.data.length === 0 && (
        <p className="muted" style={{ padding: 14 }}>
          Nothing was used in this time.
        </p>
      )}
      {data !== undefined && data.data.length > 0 && (
        <table className={styles.top}>
          <caption className="visually-hidden">{title}</caption>
          <thead>
            <tr>
              <th scope="col">{heading}</th>
              <th scope="col" data-figure>
                {counted === 'events' ? 'Uses' : 'Queries'}
              </th>
              <th scope="col" data-figure>
                Average
              </th>
            </tr>
          </thead>
          <tbody>
            {data.data.map((row) => (
              <tr key={row.key}>
                <td dir="auto" title={nameOf(row)}>
                  {onPick === undefined ? (
                    nameOf(row)
                  ) : (
                    <UnstyledButton
                      className={styles.pick ?? ''}
                      title={`Show only what ${nameOf(row)} did`}
                      onClick={() => onPick(row.key)}
                    >
                      {nameOf(row)}
                    </UnstyledButton>
                  )}
                </td>
                <td data-figure>{row[counted].toLocaleString('en-GB')}</td>
                <td data-figure>
                  {row.averageResponseMs === null ? '–' : `${(row.averageResponseMs / 1_000).toFixed(1)} s`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function Log({ filters }: { readonly filters: ReturnType<typeof filtersOf> }) {
  const [search, setSearch] = usePageSearch();
  const log = useInfiniteQuery({
    queryKey: ['activity', 'log', filters],
    placeholderData: keepPreviousData,
    ...byCursor,
    queryFn: ({ pageParam, signal }) => {
      const cursor = cursorOf(pageParam);
      return dataOf(
        api.GET('/activity', { params: { query: { ...filters, limit: 50, ...cursor } }, signal }),
      );
    },
  });
  const entries = rowsOf(log);
  return (
    <section className="stack">
      <div className="filter-line">
        <h2>Log</h2>
        <span className="muted small on-wide">from applications and the audit trail, newest first</span>
        <span className="grow" />
        <PersonChip label="Person" value={search['user']} onChange={(user) => setSearch({ user })} />
        <FilterChips
          fields={FILTERS}
          values={search}
          onChange={(key, value) => setSearch({ [key]: key === 'source' ? value?.split(',').at(-1) : value })}
        />
      </div>
      {log.error !== null && <Failure error={log.error} retry={() => void log.refetch()} />}
      {entries.length === 0 && !log.isPending && log.error === null ? (
        <Empty title="Nothing in this time">
          What applications report and what is done here appears in this list. Choose a longer time, or remove
          filters.
        </Empty>
      ) : (
        <DayTimeline
          entries={entries.map((entry) => ({
            id: entry.id,
            at: entry.at,
            sentence: entry.sentence,
            outcome: entry.outcome,
            kind: entry.source === 'application' ? 'activity' : entry.source,
            detail: entry.ip ?? '',
            tags: entry.resourceTags,
          }))}
        />
      )}
      <div className="row">
        {log.hasNextPage && (
          <Button loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            Show earlier ones
          </Button>
        )}
        <Link to="/audit" className="to-hit">
          Search the audit trail
        </Link>
      </div>
    </section>
  );
}

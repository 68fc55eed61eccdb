import { SegmentedControl, Switch } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { moreOf, useRows } from '../../../api/lists.ts';
import type { ScimConnection, ScimRequest } from '../../../api/schema.d.ts';
import { useKeys } from '../../../app/keys.ts';
import { usePageSearch } from '../../../app/use-search.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Empty } from '../../../components/empty.tsx';
import { Failure } from '../../../components/failure.tsx';
import { FilterChips, type FilterField } from '../../../components/filter-chips.tsx';
import { SearchField } from '../../../components/search-field.tsx';
import { Tag } from '../../../components/tag.tsx';
import { clockTime, exactTime } from '../../../components/time.tsx';
import styles from '../provisioning.module.css';
import { MassChangeBand } from '../undo/mass-change-band.tsx';
import { requestsQuery, sentence, toneOf } from './requests.ts';

const LIVE_MS = 3_000;

const FILTERS: readonly FilterField[] = [
  {
    key: 'method',
    label: 'Method',
    options: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((value) => ({ value, label: value })),
  },
  {
    key: 'from',
    label: 'From',
    options: [
      { value: '1h', label: 'one hour ago' },
      { value: '24h', label: 'one day ago' },
      { value: '7d', label: 'seven days ago' },
    ],
  },
];

/** The provisioning log: every request with its result, live. */
export function LogTab({ connection }: { readonly connection: ScimConnection }) {
  const [search, setSearch] = usePageSearch();
  const field = useRef<HTMLInputElement>(null);
  const live = search['live'] !== 'off';
  const list = useInfiniteQuery({
    ...requestsQuery(connection.id, search),
    placeholderData: keepPreviousData,
    // Who has scrolled far reads; the newest rows wait for them at the top.
    refetchInterval: ({ state }) => (live && (state.data?.pages.length ?? 0) <= 2 ? LIVE_MS : false),
  });
  const requests = useRows(list);
  useKeys({ '/': () => field.current?.focus() });
  const isFiltered = ['status', 'method', 'q', 'user', 'from'].some((key) => search[key] !== undefined);
  return (
    <>
      <div className={`filter-line ${styles.logBar}`}>
        <SegmentedControl
          aria-label="Which requests"
          data={[
            { value: 'all', label: 'All' },
            { value: 'success', label: 'Success' },
            { value: 'error', label: 'Errors' },
          ]}
          value={
            search['status'] === undefined
              ? 'all'
              : ['success', 'error'].includes(search['status'])
                ? search['status']
                : ''
          }
          onChange={(value) => setSearch({ status: value === 'all' ? undefined : value, open: undefined })}
        />
        <SearchField
          field={field}
          label="Search by path or query"
          placeholder="Path, query, id"
          text={search['q']}
          onChange={(q) => setSearch({ q, open: undefined })}
        />
        <FilterChips
          fields={
            search['user'] === undefined
              ? FILTERS
              : [
                  ...FILTERS,
                  {
                    key: 'user',
                    label: 'Person',
                    options: [{ value: search['user'], label: 'one user' }],
                  },
                ]
          }
          values={search}
          // Of methods and spans one holds at a time: the newest choice.
          onChange={(key, value) => setSearch({ [key]: value?.split(',').at(-1), open: undefined })}
        />
        <span className="grow" />
        <Switch
          size="xs"
          label="Live"
          checked={live}
          onChange={(event) => setSearch({ live: event.currentTarget.checked ? undefined : 'off' })}
        />
      </div>
      <MassChangeBand connection={connection} />
      {list.error !== null && requests.length === 0 ? (
        <div className={styles.padded}>
          <Failure error={list.error} retry={() => void list.refetch()} />
        </div>
      ) : (
        <DataTable
          caption="Requests"
          columns={COLUMNS}
          rows={requests}
          rowKey={keyOf}
          rowHeight={36}
          loading={list.isPending}
          openKey={search['open']}
          onOpen={({ id }) => setSearch({ open: id })}
          onMore={moreOf(list)}
          empty={
            isFiltered ? (
              <Empty title="No request matches">
                None of the last 30 days matches the search and all of the filters.
              </Empty>
            ) : (
              <Empty title="No request yet">
                Each request of the identity provider is listed here with what it changed, or why it failed
                and what to do.
              </Empty>
            )
          }
        />
      )}
    </>
  );
}

const keyOf = ({ id }: ScimRequest): string => id;

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** The time of day, with the day where it is another; of that day a phone leaves the seconds away. */
function LogTime({ at }: { readonly at: string }) {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  return (
    <time dateTime={at} title={exactTime(at)} className="muted">
      {today ? '' : `${dayFormat.format(date)}, `}
      {clockTime(at)}
      <span className={today ? '' : 'on-wide'}>:{String(date.getSeconds()).padStart(2, '0')}</span>
    </time>
  );
}

const COLUMNS: readonly Column<ScimRequest>[] = [
  { key: 'time', header: 'Time', width: 162, narrow: 116, cell: ({ at }) => <LogTime at={at} /> },
  {
    key: 'request',
    header: 'Request',
    cell: (request) => <RequestName request={request} />,
  },
  {
    key: 'status',
    header: 'Status',
    width: 76,
    narrow: 72,
    cell: ({ status }) => <Tag tone={toneOf(status)}>{String(status)}</Tag>,
  },
  {
    key: 'ms',
    header: 'ms',
    width: 64,
    from: 720,
    align: 'end',
    cell: ({ ms }) => <span className="muted">{Math.round(ms).toLocaleString('en-GB')}</span>,
  },
  {
    key: 'result',
    header: 'Result',
    from: 520,
    cell: ({ summary, error }) => {
      const words = error === null ? sentence(summary) : error.meaning;
      return (
        <span title={words} dir="auto">
          {words}
        </span>
      );
    },
  },
];

const UUID = /([0-9a-f]{4})[0-9a-f]{4}-(?:[0-9a-f]{4}-){3}[0-9a-f]{8}([0-9a-f]{4})/gi;

/** Method and path; the button opens the details for keyboards, as a click on the row does. */
function RequestName({ request: { id, method, path, query } }: { readonly request: ScimRequest }) {
  const [, setSearch] = usePageSearch();
  const whole = query === null ? path : `${path}?${query}`;
  return (
    <button type="button" className={styles.request} title={whole} onClick={() => setSearch({ open: id })}>
      <code>
        <span className={styles.method}>{method}</span> {whole.replaceAll(UUID, '$1…$2')}
      </code>
    </button>
  );
}

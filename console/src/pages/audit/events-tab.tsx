import { Button, TextInput, UnstyledButton } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useRef, useState } from 'react';
import { moreOf, useRows } from '../../api/lists.ts';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import type { AuditEvent } from '../../api/schema.d.ts';
import { useKeys } from '../../app/keys.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EventPicker } from '../../components/event-picker.tsx';
import { ExportMenu } from '../../components/export-menu.tsx';
import { Failure } from '../../components/failure.tsx';
import { FilterChips } from '../../components/filter-chips.tsx';
import { PopoverChip } from '../../components/popover-chip.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { Tag } from '../../components/tag.tsx';
import { inLocalTime, Time } from '../../components/time.tsx';
import { TimeChip } from '../../components/time-chip.tsx';
import { PersonChip } from '../users/person-chip.tsx';
import styles from './audit.module.css';
import { ConnectionChip } from './connection-chip.tsx';
import { auditFilters, auditQuery, namesIn, searchInWords } from './filters.ts';
import { NoEvents } from './no-events.tsx';

const OUTCOMES = [
  {
    key: 'outcome',
    label: 'Outcome',
    options: [
      { value: 'success', label: 'Succeeded' },
      { value: 'failure', label: 'Failed' },
    ],
  },
];
const FORMATS = [
  ['csv', 'CSV, for spreadsheets'],
  ['ndjson', 'NDJSON, one event a line'],
  ['ocsf', 'OCSF, for a SIEM'],
] as const;
/** From where on the time has a column, in pixels. */
const TIME_FROM = 520;
const keyOf = ({ id }: AuditEvent): string => id;

/** The search of the audit trail: each filter stands in the address, each event is a sentence. */
export function EventsTab() {
  const me = useMe();
  const [search, setSearch] = usePageSearch();
  const field = useRef<HTMLInputElement>(null);
  const filters = auditFilters(search);
  const list = useInfiniteQuery({ ...auditQuery(filters), placeholderData: keepPreviousData });
  const events = useRows(list);
  const names = useMemo(() => namesIn(events), [events]);
  const openId = search['open'];
  const open = useCallback(({ id }: AuditEvent) => setSearch({ open: id }), [setSearch]);
  const narrow = (changed: Readonly<Record<string, string | undefined>>) =>
    setSearch({ ...changed, open: undefined });
  const one = (key: string) => {
    const value = filters[key];
    return value === undefined ? undefined : [value].flat().join(',');
  };
  useKeys({ '/': () => field.current?.focus() });

  const happened = (event: AuditEvent) => (
    <span className={styles.event}>
      <span className={styles.mark} data-outcome={event.outcome} />
      <UnstyledButton
        className={styles.open ?? ''}
        dir="auto"
        title={inLocalTime(event.sentence)}
        onClick={() => open(event)}
      >
        {inLocalTime(event.sentence)}
      </UnstyledButton>
      {event.outcome === 'failure' && <Tag tone="danger">failed</Tag>}
    </span>
  );
  const columns: readonly Column<AuditEvent>[] = [
    {
      key: 'at',
      header: 'Time',
      width: 204,
      from: TIME_FROM,
      cell: ({ at: time }) => (
        <span className="muted">
          <Time at={time} form="second" />
        </span>
      ),
    },
    { key: 'sentence', header: 'What happened', from: TIME_FROM, cell: happened },
    {
      key: 'sentence-and-time',
      header: 'What happened',
      until: TIME_FROM,
      cell: (event) => (
        <div className={styles.twoLines}>
          {happened(event)}
          <span className="muted small ellipsis">
            <Time at={event.at} form="dateTime" /> · {event.action}
          </span>
        </div>
      ),
    },
    {
      key: 'action',
      header: 'Event',
      width: 210,
      from: 860,
      cell: ({ action }) => (
        <UnstyledButton
          className={styles.open ?? ''}
          title={`Show only ${action}`}
          onClick={() => narrow({ action })}
        >
          <code className="muted">{action}</code>
        </UnstyledButton>
      ),
    },
    {
      key: 'from',
      header: 'From',
      width: 190,
      from: 1060,
      cell: ({ ip, via }) => (
        <span className="muted">
          {[ip, via.replace('_', '-')].filter((part) => part !== null).join(' · ')}
        </span>
      ),
    },
  ];

  return (
    <>
      <search className={`filter-line ${styles.bar}`}>
        <SearchField
          field={field}
          label="Search by name or address"
          placeholder="Name or address"
          text={search['q']}
          onChange={(q) => narrow({ q })}
        />
        <div className="chips">
          <PersonChip
            label="By"
            value={one('actor')}
            known={names.get(one('actor') ?? '')}
            onChange={(actor) => narrow({ actor })}
          />
          <PersonChip
            label="About"
            value={one('about')}
            known={names.get(one('about') ?? '')}
            onChange={(about) => narrow({ about, user: undefined })}
          />
          {search['target'] !== undefined && (
            <PersonChip
              label="Done to"
              value={one('target')}
              known={names.get(search['target'])}
              onChange={(target) => narrow({ target })}
            />
          )}
          <PopoverChip
            label="Event"
            value={one('action')?.replaceAll(',', ' or ')}
            onRemove={() => narrow({ action: undefined })}
          >
            {() => (
              <EventPicker
                label="Events"
                nouns
                inPopover
                value={one('action')?.split(',') ?? []}
                onChange={(value) => narrow({ action: value.length === 0 ? undefined : value.join(',') })}
              />
            )}
          </PopoverChip>
          <TimeChip from={search['from']} to={search['to']} onChange={(from, to) => narrow({ from, to })} />
          <ConnectionChip value={search['connection']} onChange={(connection) => narrow({ connection })} />
          {/* The panel of an event has its request, and takes the room. */}
          {(openId === undefined || search['requestId'] !== undefined) && (
            <RequestChip value={search['requestId']} onChange={(requestId) => narrow({ requestId })} />
          )}
          <FilterChips
            fields={OUTCOMES}
            values={search}
            onChange={(key, value) => narrow({ [key]: value?.split(',').at(-1) })}
          />
        </div>
        <span className="grow" />
        <ExportMenu
          path="/audit/export"
          query={filters}
          formats={FORMATS}
          lockedBecause={me.may('audit:export') ? undefined : NO_PERMISSION}
        >
          <span className={openId === undefined ? 'on-wide' : 'visually-hidden'}>Export these</span>
        </ExportMenu>
      </search>
      <p
        className={`${styles.sentence} ${Object.keys(filters).length === 0 ? 'on-wide' : ''}`}
        role="status"
        dir="auto"
      >
        {searchInWords(filters, names)}
      </p>
      {list.error !== null ? (
        <div className={styles.failure}>
          <Failure error={list.error} retry={() => void list.refetch()} />
        </div>
      ) : (
        <DataTable
          caption="Events, newest first"
          columns={columns}
          rows={events}
          rowKey={keyOf}
          rowHeight={36}
          narrowRowHeight={68}
          loading={list.isPending}
          openKey={openId}
          onOpen={open}
          onMore={moreOf(list)}
          empty={<NoEvents onNarrow={narrow} />}
        />
      )}
    </>
  );
}

function RequestChip({
  value,
  onChange,
}: {
  readonly value: string | undefined;
  readonly onChange: (id: string | undefined) => void;
}) {
  return (
    <PopoverChip label="Request" value={value?.slice(0, 13)} onRemove={() => onChange(undefined)}>
      {(close) => (
        <IdForm
          value={value}
          onChange={(id) => {
            onChange(id);
            close();
          }}
        />
      )}
    </PopoverChip>
  );
}

function IdForm({ value, onChange }: Parameters<typeof RequestChip>[0]) {
  const [typed, setTyped] = useState(value ?? '');
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onChange(typed.trim() || undefined);
      }}
    >
      <TextInput
        label="Request id"
        description="The X-Request-Id of an answer."
        value={typed}
        maxLength={36}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <div>
        <Button type="submit" size="xs" variant="filled">
          Show its events
        </Button>
      </div>
    </form>
  );
}

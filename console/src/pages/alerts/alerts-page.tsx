import { ActionIcon, Button, SegmentedControl, UnstyledButton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconAdjustmentsHorizontal, IconX } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { api, dataOf } from '../../api/client.ts';
import { useRows } from '../../api/lists.ts';
import type { Alert, AlertCounts } from '../../api/schema.d.ts';
import { useKeys } from '../../app/keys.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import chips from '../../components/filter-chips.module.css';
import { FilterChips } from '../../components/filter-chips.tsx';
import { Page } from '../../components/page.tsx';
import { nameOf } from '../../components/person.tsx';
import { inLocalTime, Time } from '../../components/time.tsx';
import { userQuery } from '../users/use-users.ts';
import { AlertDetail } from './alert-detail.tsx';
import styles from './alerts.module.css';
import {
  ALERT_FILTERS,
  alertsQuery,
  KINDS,
  PARTS,
  type Part,
  SEVERITIES,
  STATES,
  subjectOf,
} from './use-alerts.ts';

const RECENT = 5;

/** How many alerts a part of the inbox has, in words. */
function countOf(states: readonly string[], counts: AlertCounts['states']): string {
  const parts = counts.filter(({ state }) => states.includes(state));
  const sum = parts.reduce((total, { alerts }) => total + alerts, 0).toLocaleString('en-GB');
  return parts.some(({ isAtLeast }) => isAtLeast) ? `${sum}+` : sum;
}

/** What is unusual: why it fired, compared with what, and three acts. */
export function AlertsPage() {
  const navigate = useNavigate();
  const [search, setSearch] = usePageSearch();
  const isWide = useMediaQuery('(min-width: 901px)', true);
  const part: Part =
    search['show'] !== undefined && search['show'] in PARTS ? (search['show'] as Part) : 'open';
  const list = useInfiniteQuery({
    ...alertsQuery(PARTS[part].states, search),
    placeholderData: keepPreviousData,
  });
  const recent = useInfiniteQuery({
    ...alertsQuery(PARTS.closed.states, search, RECENT),
    enabled: part === 'open',
  });
  const counts = useQuery({
    queryKey: ['alerts', 'counts'],
    queryFn: () => dataOf(api.GET('/alerts/counts')),
  });
  const alerts = useRows(list);
  const closed = part === 'open' ? (recent.data?.pages[0]?.data ?? []) : [];
  const chosen = search['open'];
  const all = [...alerts, ...closed];
  const at = all.findIndex(({ id }) => id === chosen);
  // What an address names may have left this part of the inbox.
  const named = useQuery({
    queryKey: ['alerts', chosen],
    enabled: chosen !== undefined && at < 0 && !list.isPending,
    queryFn: () => dataOf(api.GET('/alerts/{id}', { params: { path: { id: chosen as string } } })),
  });
  const shown = chosen === undefined ? (isWide ? alerts[0] : undefined) : (all[at] ?? named.data);
  const open = (alert: Alert | undefined) => alert !== undefined && setSearch({ open: alert.id });
  const position = all.findIndex(({ id }) => id === shown?.id);
  useKeys({
    j: () => open(all[Math.min(position + 1, all.length - 1)]),
    k: () => open(all[Math.max(position - 1, 0)]),
  });
  const openCounts = (counts.data?.data ?? []).filter(({ alerts: count }) => count > 0);
  const inWords = ['high', 'medium', 'low'].flatMap((severity) => {
    const found = openCounts.find((each) => each.severity === severity);
    return found === undefined ? [] : [`${found.alerts.toLocaleString('en-GB')} ${severity}`];
  });
  const total = openCounts.reduce((sum, { alerts: count }) => sum + count, 0);
  const filtered = search['user'] || ALERT_FILTERS.some(({ key }) => search[key] !== undefined);
  return (
    <Page
      title="Alerts"
      fill
      count={
        counts.data === undefined
          ? undefined
          : `${total.toLocaleString('en-GB')} open${inWords.length > 0 ? `: ${inWords.join(', ')}` : ''}`
      }
      acts={
        <Button
          component={Link}
          to="/alerts/rules"
          leftSection={<IconAdjustmentsHorizontal size={16} stroke={1.5} aria-hidden />}
        >
          Rules
        </Button>
      }
    >
      <div className={styles.split} data-open={chosen !== undefined || undefined}>
        <div className={styles.list}>
          <div className={`filter-line ${styles.bar}`}>
            <SegmentedControl
              aria-label="Which alerts"
              data={Object.entries(PARTS).map(([value, { label, states }]) => ({
                value,
                label: counts.data === undefined ? label : `${label} ${countOf(states, counts.data.states)}`,
              }))}
              value={part}
              onChange={(value) => setSearch({ show: value === 'open' ? undefined : value, open: undefined })}
            />
            <FilterChips
              fields={ALERT_FILTERS}
              values={search}
              onChange={(key, value) => setSearch({ [key]: value, open: undefined })}
            >
              {search['user'] !== undefined && (
                <UserChip id={search['user']} onRemove={() => setSearch({ user: undefined })} />
              )}
            </FilterChips>
          </div>
          {list.error !== null && (
            <div className={styles.failure}>
              <Failure error={list.error} retry={() => void list.refetch()} />
            </div>
          )}
          {alerts.length > 0 && (
            <AlertList label={PARTS[part].label} alerts={alerts} current={shown} onOpen={open} />
          )}
          {list.data !== undefined && alerts.length === 0 && (
            <div className={styles.empty}>
              {filtered ? (
                <Empty
                  title="No alert matches"
                  act={<Button onClick={() => navigate({ to: '/alerts' })}>Clear all filters</Button>}
                >
                  No alert here matches all of the filters.
                </Empty>
              ) : part === 'open' ? (
                <Empty title="Nothing unusual">
                  The rules watch sign-ins, queries, connections and whatever is about to expire.
                </Empty>
              ) : (
                <Empty title="No alerts here">Alerts that you decide on appear here.</Empty>
              )}
            </div>
          )}
          {list.hasNextPage && (
            <div className={styles.more}>
              <Button size="xs" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                Show older alerts
              </Button>
            </div>
          )}
          {closed.length > 0 && (
            <>
              <h2 className={`${styles.recent} small muted`}>Recently closed</h2>
              <AlertList label="Recently closed" alerts={closed} current={shown} onOpen={open} />
            </>
          )}
          <p className={`${styles.recent} muted small`}>
            An alert never blocks anyone; only the lockout does.
          </p>
        </div>
        {named.error !== null && at < 0 && chosen !== undefined ? (
          <div className={styles.detail}>
            <Failure error={named.error} />
          </div>
        ) : (
          shown !== undefined && (
            <AlertDetail
              key={shown.id}
              alert={shown}
              onBack={() => setSearch({ open: undefined })}
              onDecided={() => {
                const next = alerts[alerts.findIndex(({ id }) => id === shown.id) + 1];
                setSearch({ open: isWide ? next?.id : undefined });
              }}
            />
          )
        )}
      </div>
    </Page>
  );
}

function AlertList({
  label,
  alerts,
  current,
  onOpen,
}: {
  readonly label: string;
  readonly alerts: readonly Alert[];
  readonly current: Alert | undefined;
  readonly onOpen: (alert: Alert) => void;
}) {
  return (
    <ul aria-label={label}>
      {alerts.map((alert) => {
        const isOpen = alert.state === 'open' || alert.state === 'acknowledged';
        return (
          <li key={alert.id}>
            <UnstyledButton
              className={styles.row}
              data-current={alert.id === current?.id || undefined}
              aria-current={alert.id === current?.id || undefined}
              onClick={() => onOpen(alert)}
            >
              <span className={styles.mark} data-severity={isOpen ? alert.severity : 'none'}>
                <span className="visually-hidden">{SEVERITIES[alert.severity][1]} severity: </span>
              </span>
              <span className="grow">
                <span className="row">
                  <b className="grow ellipsis" dir="auto">
                    {alert.user === null && alert.connection === null ? (
                      KINDS[alert.kind]
                    ) : (
                      <>
                        {subjectOf(alert)},{' '}
                        {KINDS[alert.kind].charAt(0).toLowerCase() + KINDS[alert.kind].slice(1)}
                      </>
                    )}
                  </b>
                  <span className="muted small">
                    <Time at={alert.lastAt} />
                  </span>
                </span>
                {isOpen ? (
                  <span className={`${styles.second} ellipsis`} dir="auto" title={inLocalTime(alert.why)}>
                    {inLocalTime(alert.why)}
                  </span>
                ) : (
                  <span className={`${styles.second} ellipsis`} dir="auto">
                    {STATES[alert.state]}
                    {alert.note !== null && `: “${alert.note}”`}
                    {alert.decidedBy !== null && `, by ${nameOf(alert.decidedBy)}`}
                  </span>
                )}
              </span>
            </UnstyledButton>
          </li>
        );
      })}
    </ul>
  );
}

function UserChip({ id, onRemove }: { readonly id: string; readonly onRemove: () => void }) {
  const { data } = useQuery(userQuery(id));
  return (
    <span className={chips.chip}>
      <span className={chips.field}>User</span>
      <span className={chips.value} dir="auto">
        {data === undefined ? '…' : nameOf(data)}
      </span>
      <ActionIcon size={22} aria-label="Remove the filter by user" onClick={onRemove}>
        <IconX size={14} stroke={1.5} />
      </ActionIcon>
    </span>
  );
}

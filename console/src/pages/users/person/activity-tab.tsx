import { Button, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/client.ts';
import { byCursor, cursorOf, rowsOf } from '../../../api/lists.ts';
import type { ActivityDashboard } from '../../../api/schema.d.ts';
import { usePageSearch } from '../../../app/use-search.ts';
import { ActivityChart } from '../../../components/activity-chart.tsx';
import { Card } from '../../../components/card.tsx';
import { DayTimeline } from '../../../components/day-timeline.tsx';
import { Empty } from '../../../components/empty.tsx';
import { Failure } from '../../../components/failure.tsx';
import { addressInWords } from '../../../components/location.ts';
import { nameOf } from '../../../components/person.tsx';
import { UserStatus } from '../../../components/status.tsx';
import { dateOf, dateTime, exactTime } from '../../../components/time.tsx';
import { withoutSubject } from '../../../components/timeline.tsx';
import styles from './person.module.css';
import type { TabProps } from './person-page.tsx';

const SPANS = [
  ['24', '24 h', 'hour'],
  ['168', '7 days', 'hour'],
  ['720', '30 days', 'day'],
  ['2016', '12 weeks', 'day'],
] as const;

/** The dashboard of the specification, a chart, and what the person did. */
export function ActivityTab({ user }: TabProps) {
  const [search, setSearch] = usePageSearch();
  const span = SPANS.find(([hours]) => hours === search['span']) ?? SPANS[1];
  const path = { id: user.id };
  const dashboard = useQuery({
    queryKey: ['users', user.id, 'activity', 'summary'],
    queryFn: () => dataOf(api.GET('/users/{id}/activity/summary', { params: { path } })),
  });
  const series = useQuery({
    queryKey: ['users', user.id, 'activity', 'series', span[0]],
    queryFn: () => {
      const from = new Date(Date.now() - Number(span[0]) * 3_600_000).toISOString();
      const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      return dataOf(
        api.GET('/users/{id}/activity/series', {
          params: { path, query: { bucket: span[2], from, timeZone } },
        }),
      );
    },
  });
  const log = useInfiniteQuery({
    queryKey: ['users', user.id, 'activity', 'log'],
    ...byCursor,
    queryFn: ({ pageParam }) =>
      dataOf(
        api.GET('/users/{id}/activity', {
          params: { path, query: { limit: 50, ...cursorOf(pageParam) } },
        }),
      ),
  });
  const error = dashboard.error ?? series.error ?? log.error;
  if (error !== null) return <Failure error={error} />;
  const entries = rowsOf(log);
  const figures = dashboard.data;
  return (
    <div className="stack" style={{ gap: 20 }}>
      {figures !== undefined && (
        <dl className={styles.figures}>
          <Figure
            label="Last Login"
            value={figures.lastLogin.text}
            title={figures.lastLogin.at}
            below={figures.lastLogin.at === null ? 'No sign-in yet' : dateTime(figures.lastLogin.at)}
          />
          <Figure
            label={`Queries (${figures.window})`}
            value={figures.queries.text}
            below={`${figures.queries.previous.toLocaleString('en-GB')} the day before`}
          />
          <Figure label="Most Used Agent" value={figures.mostUsedAgent.text} below={agentInWords(figures)} />
          <Figure
            label="Avg Response Time"
            value={figures.averageResponseMs.text}
            below={responseInWords(figures)}
          />
          <Figure label="Failed Auth" value={figures.failedAuth.text} below="Last 24 h" />
          <div>
            <dt>Status</dt>
            <dd>
              <UserStatus status={figures.status.value} />
            </dd>
            <dd className={styles.below}>
              {figures.status.locked ? 'Locked' : `Created ${dateOf(user.createdAt)}`}
            </dd>
          </div>
        </dl>
      )}
      <Card
        title={`Queries per ${span[2]}`}
        acts={
          <SegmentedControl
            aria-label="Time span"
            data={SPANS.map(([value, label]) => ({ value, label }))}
            value={span[0]}
            onChange={(value) => setSearch({ span: value })}
          />
        }
      >
        <ActivityChart buckets={series.data?.data} unit={span[2]} />
      </Card>
      <section>
        <h2>Timeline</h2>
        {entries.length === 0 && !log.isPending ? (
          <Empty title="Nothing yet">What they do here and in your applications appears in this list.</Empty>
        ) : (
          <DayTimeline
            entries={entries.map((entry) => ({
              id: entry.id,
              at: entry.at,
              sentence: withoutSubject(entry.sentence, nameOf(user)),
              outcome: entry.outcome,
              kind: entry.source === 'application' ? 'activity' : entry.source,
              detail: entry.ip === null ? '' : addressInWords(entry.ip, entry.location),
              tags: entry.resourceTags,
            }))}
          />
        )}
        {log.hasNextPage && (
          <Button mt={12} loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            Show earlier ones
          </Button>
        )}
      </section>
    </div>
  );
}

function agentInWords({ mostUsedAgent: { queries, window }, queries: all }: ActivityDashboard): string {
  if (queries === null) return 'No query in 30 days';
  const count = queries.toLocaleString('en-GB');
  return window === all.window
    ? `${count} of ${all.text} ${all.text === '1' ? 'query' : 'queries'}`
    : `${count} ${count === '1' ? 'query' : 'queries'} in 30 days`;
}

function responseInWords({ averageResponseMs: { month, window }, queries }: ActivityDashboard): string {
  if (month === null) return 'No answer in 30 days';
  return window === queries.window ? `${(month / 1_000).toFixed(1)}s over 30 days` : 'Last 30 days';
}

function Figure({
  label,
  value,
  title,
  below,
}: {
  readonly label: string;
  readonly value: string;
  /** What it is of, or compared with. */
  readonly below: string;
  readonly title?: string | null;
}) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="ellipsis" dir="auto" title={title ? exactTime(title) : value}>
        {value}
      </dd>
      <dd className={styles.below}>{below}</dd>
    </div>
  );
}

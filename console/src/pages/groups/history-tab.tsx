import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf, rowsOf } from '../../api/lists.ts';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import { DayTimeline } from '../../components/day-timeline.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import type { GroupTabProps } from './group-page.tsx';
import styles from './groups.module.css';

/** What happened to a group, from the audit trail. */
export function HistoryTab({ group }: GroupTabProps) {
  const me = useMe();
  const mayRead = me.may('audit:read');
  const list = useInfiniteQuery({
    queryKey: ['audit', 'of-group', group.id],
    enabled: mayRead,
    ...byCursor,
    queryFn: ({ pageParam }) =>
      dataOf(
        api.GET('/audit', {
          params: {
            query: {
              target: [group.id],
              limit: 50,
              ...cursorOf(pageParam),
            },
          },
        }),
      ),
  });
  if (!mayRead) return <p className="muted">{NO_PERMISSION}</p>;
  const events = rowsOf(list);
  return (
    <div className={styles.history}>
      {list.error !== null && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.data !== undefined && events.length === 0 && (
        <Empty title="Nothing happened yet">
          Who joined, who left, and what was changed will stand here.
        </Empty>
      )}
      <DayTimeline
        entries={events.map(({ id, at, sentence, outcome, reason }) => ({
          id,
          at,
          sentence,
          outcome,
          kind: 'audit',
          ...(reason == null ? {} : { detail: `“${reason}”` }),
        }))}
      />
      {list.hasNextPage && (
        <Button mt={12} loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show earlier ones
        </Button>
      )}
    </div>
  );
}

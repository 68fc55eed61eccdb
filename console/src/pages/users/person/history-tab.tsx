import { Button, TextInput } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/client.ts';
import { byCursor, cursorOf, rowsOf } from '../../../api/lists.ts';
import type { PastUserDetail } from '../../../api/schema.d.ts';
import { usePageSearch } from '../../../app/use-search.ts';
import { Card } from '../../../components/card.tsx';
import { Empty } from '../../../components/empty.tsx';
import { Failure } from '../../../components/failure.tsx';
import { RoleLabel } from '../../../components/role.tsx';
import { UserStatus } from '../../../components/status.tsx';
import { inLocalTime, Time } from '../../../components/time.tsx';
import styles from './person.module.css';
import type { TabProps } from './person-page.tsx';

/** What a person was on any day, and each change with who made it and why. */
export function HistoryTab({ user }: TabProps) {
  const changes = useInfiniteQuery({
    queryKey: ['users', user.id, 'history'],
    ...byCursor,
    queryFn: ({ pageParam }) =>
      dataOf(
        api.GET('/users/{id}/history', {
          params: {
            path: { id: user.id },
            query: { limit: 50, ...cursorOf(pageParam) },
          },
        }),
      ),
  });
  const rows = rowsOf(changes);
  const since = changes.data?.pages[0]?.completeSince;
  return (
    <div className={styles.columns}>
      <section>
        <div className="row" style={{ marginBottom: 6 }}>
          <h2>What changed</h2>
          {since && (
            <span className="muted small">
              Complete since <Time at={since} form="dateTime" />
            </span>
          )}
        </div>
        {changes.error !== null && <Failure error={changes.error} />}
        {rows.length === 0 && !changes.isPending && changes.error === null && (
          <Empty title="Nothing changed yet">
            Roles, groups, status: each change appears here with its cause.
          </Empty>
        )}
        <ol className={styles.list}>
          {rows.map((change) => (
            <li key={`${change.at} ${change.sentence}`}>
              <span className="grow">
                <span dir="auto">{inLocalTime(change.sentence)}</span>
                <br />
                {change.cause !== null && (
                  <span className="muted small" dir="auto">
                    {inLocalTime(change.cause.sentence)}
                    {change.cause.reason !== null && ` “${change.cause.reason}”`}
                  </span>
                )}
              </span>
              <span className="muted small">
                <Time at={change.at} form="dateTime" />
              </span>
            </li>
          ))}
        </ol>
        {changes.hasNextPage && (
          <Button mt={12} loading={changes.isFetchingNextPage} onClick={() => void changes.fetchNextPage()}>
            Show earlier ones
          </Button>
        )}
      </section>
      <AsOf user={user} />
    </div>
  );
}

function AsOf({ user }: Pick<TabProps, 'user'>) {
  const [search, setSearch] = usePageSearch();
  const moment = search['asOf'];
  const { data, error } = useQuery({
    queryKey: ['users', user.id, 'asOf', moment],
    enabled: moment !== undefined,
    queryFn: async () =>
      (await dataOf(
        api.GET('/users/{id}', {
          params: { path: { id: user.id }, query: { asOf: new Date(moment as string).toISOString() } },
        }),
      )) as PastUserDetail,
  });
  return (
    <Card title="On another day">
      <TextInput
        type="datetime-local"
        label="As it was on"
        description={`Time zone ${Intl.DateTimeFormat().resolvedOptions().timeZone}`}
        value={moment ?? ''}
        onChange={(event) => setSearch({ asOf: event.currentTarget.value || undefined })}
      />
      {error !== null && <Failure error={error} />}
      {data !== undefined && moment !== undefined && (
        <dl className="facts">
          <dt>Status</dt>
          <dd>
            <UserStatus status={data.status} />
          </dd>
          <dt>Role</dt>
          <dd>
            <RoleLabel role={data.role} />
          </dd>
          <dt>In effect</dt>
          <dd>
            <RoleLabel role={data.effectiveRole} />
          </dd>
          <dt>Owner</dt>
          <dd>{data.owner ? 'Yes' : 'No'}</dd>
          <dt>Groups</dt>
          <dd>{data.groups.length === 0 ? 'None' : data.groups.map(({ name }) => name).join(', ')}</dd>
        </dl>
      )}
    </Card>
  );
}

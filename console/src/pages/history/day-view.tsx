import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf, moreOf, useRows } from '../../api/lists.ts';
import type { PastUser } from '../../api/schema.d.ts';
import { useKeys } from '../../app/keys.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { Person } from '../../components/person.tsx';
import { RoleMeter } from '../../components/role.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { SourceTag } from '../../components/source-tag.tsx';
import { UserStatus } from '../../components/status.tsx';
import { Tag } from '../../components/tag.tsx';
import { dateTime } from '../../components/time.tsx';
import styles from './history.module.css';

/** Everyone as they were at one moment: role, groups, status. */
export function DayView({ on }: { readonly on: string | undefined }) {
  const [search, setSearch] = usePageSearch();
  const field = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => field.current?.focus() });
  // Now, to the minute: the past of this very moment does not exist yet.
  const now = useMemo(() => new Date(Math.floor(Date.now() / 1_000) * 1_000).toISOString(), []);
  const asOf = on ?? now;
  const q = search['q'];
  const list = useInfiniteQuery({
    queryKey: ['history', 'day', asOf, q],
    placeholderData: keepPreviousData,
    ...byCursor,
    queryFn: async ({ pageParam, signal }) => {
      const query = {
        asOf,
        limit: 100,
        ...(q === undefined ? {} : { q }),
        ...cursorOf(pageParam),
      };
      const page = await dataOf(api.GET('/users', { params: { query }, signal }));
      return page as { data: PastUser[]; nextCursor: string | null };
    },
  });
  const rows = useRows(list);
  const columns: readonly Column<PastUser>[] = [
    {
      key: 'name',
      header: 'Name',
      cell: (user) => (
        <Person name={user.name ?? user.label} email={user.email}>
          <Link
            to="/users/$userId"
            params={{ userId: user.id }}
            search={{ tab: 'history' } as never}
            className={styles.name ?? ''}
          >
            {user.label}
          </Link>
        </Person>
      ),
    },
    {
      key: 'role',
      header: 'Role',
      width: 220,
      cell: (user) => (
        <span className={styles.state}>
          <RoleMeter
            role={user.role}
            {...(user.elevations[0] === undefined ? {} : { elevatedTo: user.elevations[0].role })}
          />
          {user.effectiveRole}
          {user.owner && <Tag>Owner</Tag>}
          {user.elevations[0] !== undefined && (
            <Tag tone="warning">until {dateTime(user.elevations[0].expiresAt)}</Tag>
          )}
        </span>
      ),
    },
    {
      key: 'groups',
      header: 'Groups',
      from: 820,
      cell: ({ groups }) => {
        const names = groups.map(({ name }) => name).join(', ');
        return names === '' ? <span className="muted">–</span> : <span title={names}>{names}</span>;
      },
    },
    {
      key: 'source',
      header: 'Source',
      width: 120,
      from: 1000,
      cell: ({ source }) => <SourceTag source={source} />,
    },
    {
      key: 'status',
      header: 'Status',
      width: 130,
      from: 520,
      cell: ({ status }) => <UserStatus status={status} />,
    },
  ];
  return (
    <>
      <div className={styles.content}>
        <div className={styles.heading}>
          <h2>Everyone as they were {on === undefined ? 'a moment ago' : dateTime(on)}</h2>
          <span className="grow" />
          <SearchField
            field={field}
            label="Search by name or email"
            placeholder="Name or email"
            text={q}
            onChange={(text) => setSearch({ q: text })}
          />
        </div>
      </div>
      {list.error !== null ? (
        <div className={styles.failure}>
          <Failure error={list.error} retry={() => void list.refetch()} />
        </div>
      ) : (
        <div className={styles.list}>
          <DataTable
            caption="Users at that moment"
            columns={columns}
            rows={rows}
            rowKey={({ id }) => id}
            loading={list.isPending}
            onMore={moreOf(list)}
            empty={
              <Empty title="No one">No one was here at that moment, or no one matches the search.</Empty>
            }
          />
        </div>
      )}
    </>
  );
}

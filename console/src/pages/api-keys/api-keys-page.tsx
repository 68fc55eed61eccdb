import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf, moreOf, useRows } from '../../api/lists.ts';
import { useMe } from '../../api/me.ts';
import type { ApiKey } from '../../api/schema.d.ts';
import { useChange } from '../../api/use-change.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { FilterChips, type FilterField, filtersIn } from '../../components/filter-chips.tsx';
import { Page } from '../../components/page.tsx';
import { PageTabs } from '../../components/page-tabs.tsx';
import { nameOf } from '../../components/person.tsx';
import { PersonChip } from '../users/person-chip.tsx';
import styles from './api-keys.module.css';
import {
  KEY_COLUMNS,
  MakeKeyDialog,
  type NewKey,
  RevokeKeyDialog,
  revokeKey,
  UNUSED_FILTER,
} from './keys.tsx';

/** What the list of everyone's keys can be narrowed by; the keys stand in the address. */
const KEY_FILTERS: readonly FilterField[] = [
  {
    key: 'state',
    label: 'Status',
    options: [
      { value: 'active', label: 'Active' },
      { value: 'disabled', label: 'Stopped' },
      { value: 'expired', label: 'Expired' },
      { value: 'revoked', label: 'Revoked' },
    ],
  },
  UNUSED_FILTER,
  {
    key: 'expires',
    label: 'Ends',
    one: true,
    options: [
      { value: 'false', label: 'never' },
      { value: 'true', label: 'on a date' },
    ],
  },
];

function useKeyChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  return useChange(change, [['api-keys']]);
}

/** One's own keys, and for administrators those of everyone. */
export function ApiKeysPage() {
  const me = useMe();
  const [search, setSearch] = usePageSearch();
  const make = useKeyChange((body: NewKey) => dataOf(api.POST('/me/api-keys', { body })));
  const tabs = [
    { value: 'own', label: 'Yours', panel: () => <OwnKeys onMake={() => setSearch({ make: 'key' })} /> },
    ...(me.may('api_keys:manage') ? [{ value: 'all', label: 'Everyone’s', panel: () => <AllKeys /> }] : []),
  ];
  return (
    <>
      <Page
        title="API keys"
        fill
        acts={
          <Button
            variant="filled"
            leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
            onClick={() => setSearch({ make: 'key' })}
          >
            Make a key
          </Button>
        }
      >
        <PageTabs label="API keys" leaves={['user', ...KEY_FILTERS.map(({ key }) => key)]} tabs={tabs} />
      </Page>
      {search['make'] === 'key' && (
        <MakeKeyDialog
          consequence="A program that has the key acts as you, within the permissions that you choose and no further than your own role."
          make={(key, onMade) => make.mutate(key, { onSuccess: onMade })}
          making={make.isPending}
          error={make.error}
          onClose={() => setSearch({ make: undefined })}
        />
      )}
    </>
  );
}

function OwnKeys({ onMake }: { readonly onMake: () => void }) {
  const [revoked, setRevoked] = useState<ApiKey>();
  const list = useInfiniteQuery({
    queryKey: ['api-keys', 'own'],
    ...byCursor,
    queryFn: ({ pageParam }) =>
      dataOf(
        api.GET('/me/api-keys', {
          params: { query: { limit: 100, ...cursorOf(pageParam) } },
        }),
      ),
  });
  const rows = useRows(list);
  const revoke = useKeyChange((id: string) =>
    dataOf(api.DELETE('/me/api-keys/{id}', { params: { path: { id } } })),
  );
  const columns: readonly Column<ApiKey>[] = [
    ...KEY_COLUMNS,
    {
      key: 'act',
      header: <span className="visually-hidden">Actions</span>,
      width: 128,
      narrow: 100,
      align: 'end',
      cell: (key) =>
        key.state === 'revoked' ? null : (
          <Button size="xs" data-danger="outline" onClick={() => setRevoked(key)}>
            Revoke…
          </Button>
        ),
    },
  ];
  return (
    <>
      {list.error !== null ? (
        <div className={styles.failure}>
          <Failure error={list.error} retry={() => void list.refetch()} />
        </div>
      ) : (
        <DataTable
          caption="Your API keys"
          columns={columns}
          rows={rows}
          rowKey={({ id }) => id}
          loading={list.isPending}
          onMore={moreOf(list)}
          empty={
            <Empty
              title="You have no key"
              act={
                <Button variant="filled" onClick={onMake}>
                  Make a key
                </Button>
              }
            >
              With a key, a program uses the API as you. For a program that should belong to no one, use a
              service account.
            </Empty>
          }
        />
      )}
      {revoked !== undefined && (
        <RevokeKeyDialog
          apiKey={revoked}
          revoke={(onDone) => revoke.mutate(revoked.id, { onSuccess: onDone })}
          revoking={revoke.isPending}
          error={revoke.error}
          onClose={() => setRevoked(undefined)}
        />
      )}
    </>
  );
}

/** A key of a user whom an administrator may revoke it of. */
interface UserKey {
  readonly key: ApiKey;
  readonly user: NonNullable<ApiKey['user']>;
}

/** From where on the holder has a column, in pixels. */
const HOLDER_FROM = 560;

function AllKeys() {
  const me = useMe();
  const [revoked, setRevoked] = useState<UserKey>();
  const revoke = useKeyChange(({ key, user }: UserKey) => revokeKey(me, user.id, key.id));
  const [search, setSearch] = usePageSearch();
  const user = search['user'];
  const filters = filtersIn(search, KEY_FILTERS, 'user');
  const list = useInfiniteQuery({
    queryKey: ['api-keys', 'all', filters],
    ...byCursor,
    queryFn: ({ pageParam }) =>
      dataOf(api.GET('/api-keys', { params: { query: { ...filters, limit: 100, ...cursorOf(pageParam) } } })),
  });
  const rows = useRows(list);
  const [name, ...others] = KEY_COLUMNS as [Column<ApiKey>, ...Column<ApiKey>[]];
  const columns: readonly Column<ApiKey>[] = [
    { ...name, from: HOLDER_FROM },
    {
      ...name,
      key: 'name-and-holder',
      until: HOLDER_FROM,
      cell: (key) => (
        <span className="stack" style={{ gap: 0 }}>
          {name.cell(key)}
          <span className="small ellipsis">
            <Holder apiKey={key} />
          </span>
        </span>
      ),
    },
    { key: 'holder', header: 'Acts as', from: HOLDER_FROM, cell: (key) => <Holder apiKey={key} /> },
    ...others,
    {
      key: 'act',
      header: <span className="visually-hidden">Actions</span>,
      width: 128,
      narrow: 100,
      align: 'end',
      cell: (key) => {
        const { user: holder } = key;
        return holder === null || key.state === 'revoked' ? null : (
          <Button
            size="xs"
            data-danger="outline"
            aria-label={`Revoke ${key.name}…`}
            onClick={() => setRevoked({ key, user: holder })}
          >
            Revoke…
          </Button>
        );
      },
    },
  ];
  return (
    <>
      <div className={`filter-line ${styles.bar}`}>
        <FilterChips
          fields={KEY_FILTERS}
          values={search}
          onChange={(key, value) => setSearch({ [key]: value })}
        >
          <PersonChip label="Person" value={user} onChange={(id) => setSearch({ user: id })} />
        </FilterChips>
        <span className="muted small">Those of a service account are revoked on its page.</span>
      </div>
      {list.error !== null ? (
        <div className={styles.failure}>
          <Failure error={list.error} retry={() => void list.refetch()} />
        </div>
      ) : (
        <DataTable
          caption="API keys of everyone"
          narrowRowHeight={66}
          columns={columns}
          rows={rows}
          rowKey={({ id }) => id}
          loading={list.isPending}
          onMore={moreOf(list)}
          empty={
            Object.keys(filters).length === 0 ? (
              <Empty title="There is no key">Keys of people and of service accounts appear here.</Empty>
            ) : (
              <Empty title="No key matches the filters">Remove a filter to see more.</Empty>
            )
          }
        />
      )}
      {revoked !== undefined && (
        <RevokeKeyDialog
          apiKey={revoked.key}
          holder={nameOf(revoked.user)}
          revoke={(onDone) => revoke.mutate(revoked, { onSuccess: onDone })}
          revoking={revoke.isPending}
          error={revoke.error}
          onClose={() => setRevoked(undefined)}
        />
      )}
    </>
  );
}

function Holder({ apiKey: { user, serviceAccount } }: { readonly apiKey: ApiKey }) {
  if (serviceAccount !== null) {
    return (
      <Link to={'/service-accounts' as never} search={{ open: serviceAccount.id } as never}>
        <bdi>{serviceAccount.name}</bdi>
      </Link>
    );
  }
  if (user === null) return <span className="muted">–</span>;
  return (
    <Link to="/users/$userId" params={{ userId: user.id }} search={{ tab: 'security' } as never}>
      <bdi>{user.name ?? user.email ?? 'a deleted user'}</bdi>
    </Link>
  );
}

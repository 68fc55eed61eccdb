import { Button, UnstyledButton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf, moreOf, useRows } from '../../api/lists.ts';
import type { ServiceAccount } from '../../api/schema.d.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { FilterChips, type FilterField, filtersIn } from '../../components/filter-chips.tsx';
import { Page } from '../../components/page.tsx';
import { RoleLabel } from '../../components/role.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { UNUSED_FILTER } from '../api-keys/keys.tsx';
import { PersonChip } from '../users/person-chip.tsx';
import { AccountDialog } from './account-dialog.tsx';
import { AccountPanel } from './account-panel.tsx';
import styles from './service-accounts.module.css';

/** A service account by its state: one whose owner has left does not run. */
export function AccountStatus({ account }: { readonly account: ServiceAccount }) {
  if (account.status === 'inactive') return <Status shape="bar">Inactive</Status>;
  return account.running ? (
    <Status shape="disc">Active</Status>
  ) : (
    <Status shape="diamond">Stopped: its owner is not active</Status>
  );
}

const COLUMNS: readonly Column<ServiceAccount>[] = [
  {
    key: 'owner',
    header: 'Owner',
    from: 620,
    cell: ({ owner }) =>
      owner === null ? (
        <span className="warning">None</span>
      ) : (
        <bdi>{owner.name ?? owner.email ?? 'a deleted user'}</bdi>
      ),
  },
  {
    key: 'role',
    header: 'Role',
    width: 140,
    from: 520,
    cell: ({ effectiveRole }) => <RoleLabel role={effectiveRole} />,
  },
  {
    key: 'created',
    header: 'Created',
    width: 120,
    from: 900,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
  {
    key: 'status',
    header: 'Status',
    width: 140,
    cell: (account) => <AccountStatus account={account} />,
  },
];

/** What the list can be narrowed by; the keys stand in the address. */
const ACCOUNT_FILTERS: readonly FilterField[] = [
  {
    key: 'status',
    label: 'Status',
    options: [
      { value: 'active', label: 'Active' },
      { value: 'inactive', label: 'Inactive' },
    ],
  },
  UNUSED_FILTER,
];

/** Programs with a role of their own, each owned by a person, and their keys. */
export function ServiceAccountsPage() {
  const [search, setSearch] = usePageSearch();
  const owner = search['owner'];
  const filters = filtersIn(search, ACCOUNT_FILTERS, 'owner');
  const list = useInfiniteQuery({
    queryKey: ['service-accounts', 'list', filters],
    ...byCursor,
    queryFn: ({ pageParam }) =>
      dataOf(
        api.GET('/service-accounts', {
          params: { query: { ...filters, limit: 100, ...cursorOf(pageParam) } },
        }),
      ),
  });
  const rows = useRows(list);
  const openId = search['open'];
  const at = rows.findIndex(({ id }) => id === openId);
  const open = ({ id }: ServiceAccount) => setSearch({ open: id });
  const columns: readonly Column<ServiceAccount>[] = [
    {
      key: 'name',
      header: 'Name',
      cell: (account) => (
        <UnstyledButton className={styles.name ?? ''} onClick={() => open(account)}>
          <b className="ellipsis" dir="auto" title={account.name}>
            {account.name}
          </b>
          <span className="muted small ellipsis" dir="auto">
            {account.description}
          </span>
        </UnstyledButton>
      ),
    },
    ...COLUMNS,
  ];
  const create = (label: ReactNode) => (
    <Button
      variant="filled"
      leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
      onClick={() => setSearch({ make: 'account' })}
    >
      {label}
    </Button>
  );
  return (
    <>
      <Page
        title="Service accounts"
        fill
        count={list.data?.pages[0]?.total?.toLocaleString('en-GB')}
        acts={create(<span className="on-wide">Add a service account</span>)}
        bar={
          <FilterChips
            fields={ACCOUNT_FILTERS}
            values={search}
            onChange={(key, value) => setSearch({ [key]: value })}
          >
            <PersonChip label="Owner" value={owner} onChange={(id) => setSearch({ owner: id })} />
          </FilterChips>
        }
      >
        {list.error !== null ? (
          <div className={styles.failure}>
            <Failure error={list.error} retry={() => void list.refetch()} />
          </div>
        ) : (
          <DataTable
            caption="Service accounts"
            columns={columns}
            rows={rows}
            rowKey={({ id }) => id}
            loading={list.isPending}
            openKey={openId}
            onOpen={open}
            onMore={moreOf(list)}
            empty={
              Object.keys(filters).length === 0 ? (
                <Empty title="No service account yet" act={create('Add a service account')}>
                  A program that belongs to no single person gets a service account: a role, an owner who is
                  responsible for it, and keys.
                </Empty>
              ) : (
                <Empty title="No service account matches the filters">Remove a filter to see more.</Empty>
              )
            }
          />
        )}
      </Page>
      {openId !== undefined && (
        <AccountPanel
          key={openId}
          accountId={openId}
          position={at < 0 ? undefined : `${at + 1} of ${rows.length}`}
          onPrevious={at > 0 ? () => open(rows[at - 1] as ServiceAccount) : undefined}
          onNext={at >= 0 && at < rows.length - 1 ? () => open(rows[at + 1] as ServiceAccount) : undefined}
          onClose={() => setSearch({ open: undefined })}
        />
      )}
      {search['make'] === 'account' && (
        <AccountDialog
          onSaved={({ id }) => setSearch({ make: undefined, open: id })}
          onClose={() => setSearch({ make: undefined })}
        />
      )}
    </>
  );
}

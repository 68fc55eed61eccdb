import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useRef } from 'react';
import { moreOf, useRows } from '../../api/lists.ts';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import type { Group } from '../../api/schema.d.ts';
import { useKeys } from '../../app/keys.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { FilterChips } from '../../components/filter-chips.tsx';
import { Page } from '../../components/page.tsx';
import { RoleLabel } from '../../components/role.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { SourceTag } from '../../components/source-tag.tsx';
import { Time } from '../../components/time.tsx';
import { GroupPanel } from './group-panel.tsx';
import styles from './groups.module.css';
import { GROUP_FILTERS, groupsQuery, memberCount } from './use-groups.ts';

const CreateGroupDialog = lazy(async () => ({
  default: (await import('./create-group-dialog.tsx')).CreateGroupDialog,
}));

const keyOf = ({ id }: Group): string => id;

const columns: readonly Column<Group>[] = [
  {
    key: 'name',
    header: 'Name',
    cell: (group) => (
      <div className="ellipsis">
        <Link to="/groups/$groupId" params={{ groupId: group.id }} className={styles.name}>
          <bdi title={group.name}>{group.name}</bdi>
        </Link>
        {group.description !== null && (
          <div className={`${styles.second} ellipsis`} dir="auto" title={group.description}>
            {group.description}
          </div>
        )}
      </div>
    ),
  },
  {
    key: 'role',
    header: 'Carries',
    width: 128,
    cell: ({ role }) => (role === null ? <span className="muted">No role</span> : <RoleLabel role={role} />),
  },
  {
    key: 'members',
    header: 'Members',
    width: 176,
    from: 520,
    cell: (group) => (
      <>
        <span className="figures">{memberCount(group)}</span>
        {group.suspendedMemberCount > 0 && (
          <span className="muted">, {group.suspendedMemberCount.toLocaleString('en-GB')} suspended</span>
        )}
      </>
    ),
  },
  {
    key: 'source',
    header: 'Source',
    width: 190,
    from: 760,
    cell: ({ source, externalIds }) => (
      <SourceTag source={source} connection={externalIds[0]?.connectionName} />
    ),
  },
  {
    key: 'changed',
    header: 'Changed',
    width: 124,
    from: 900,
    cell: ({ updatedAt }) => <Time at={updatedAt} />,
  },
];

/** Groups by name; details open beside the list. */
export function GroupsPage() {
  const me = useMe();
  const navigate = useNavigate();
  const [search, setSearch] = usePageSearch();
  const searchField = useRef<HTMLInputElement>(null);
  const list = useInfiniteQuery({ ...groupsQuery(search), placeholderData: keepPreviousData });
  const groups = useRows(list);
  const openId = search['open'];
  const at = groups.findIndex(({ id }) => id === openId);
  const open = (group: Group) => setSearch({ open: group.id });
  const lock = me.may('groups:manage') ? undefined : NO_PERMISSION;
  useKeys({
    '/': () => searchField.current?.focus(),
    Enter: () => {
      const group = groups[at];
      if (group !== undefined) void navigate({ to: '/groups/$groupId', params: { groupId: group.id } });
    },
  });
  const filtered = search['q'] || GROUP_FILTERS.some(({ key }) => search[key] !== undefined);
  return (
    <>
      <Page
        title="Groups"
        fill
        count={
          list.data === undefined
            ? undefined
            : `${groups.length.toLocaleString('en-GB')}${list.hasNextPage ? ' and more' : ''}`
        }
        acts={
          <ActionButton
            variant="filled"
            leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
            lockedBecause={lock}
            onClick={() => setSearch({ create: 'open' })}
          >
            Create group
          </ActionButton>
        }
        bar={
          <>
            <SearchField
              label="Search groups by name"
              placeholder="Name"
              field={searchField}
              text={search['q']}
              onChange={(q) => setSearch({ q, open: undefined })}
            />
            <FilterChips
              fields={GROUP_FILTERS}
              values={search}
              onChange={(key, value) => setSearch({ [key]: value?.split(',').at(-1), open: undefined })}
            />
          </>
        }
      >
        {list.error !== null && groups.length === 0 ? (
          <div className={styles.failure}>
            <Failure error={list.error} retry={() => void list.refetch()} />
          </div>
        ) : (
          <DataTable
            caption="Groups"
            columns={columns}
            rows={groups}
            rowKey={keyOf}
            loading={list.isPending}
            openKey={openId}
            onOpen={open}
            onMore={moreOf(list)}
            empty={
              filtered ? (
                <Empty
                  title="No group matches"
                  act={<Button onClick={() => navigate({ to: '/groups' })}>Clear all filters</Button>}
                >
                  No group fits the search and all of the filters.
                </Empty>
              ) : (
                <Empty
                  title="No groups yet"
                  act={
                    <ActionButton
                      variant="filled"
                      lockedBecause={lock}
                      onClick={() => setSearch({ create: 'open' })}
                    >
                      Create group
                    </ActionButton>
                  }
                >
                  A group gives a role and rights on resources to everyone in it. An identity provider can
                  push its own groups over SCIM.
                </Empty>
              )
            }
          />
        )}
      </Page>
      {openId !== undefined && (
        <GroupPanel
          key={openId}
          groupId={openId}
          position={
            at < 0
              ? undefined
              : `${at + 1} of ${groups.length.toLocaleString('en-GB')}${list.hasNextPage ? '+' : ''}`
          }
          onPrevious={at > 0 ? () => open(groups[at - 1] as Group) : undefined}
          onNext={at >= 0 && at < groups.length - 1 ? () => open(groups[at + 1] as Group) : undefined}
          onClose={() => setSearch({ open: undefined })}
        />
      )}
      <Suspense fallback={null}>
        {search['create'] === 'open' && (
          <CreateGroupDialog onClose={() => setSearch({ create: undefined })} />
        )}
      </Suspense>
    </>
  );
}

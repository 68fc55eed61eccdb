import { Button } from '@mantine/core';
import { IconFileImport, IconUserPlus } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { moreOf, useRows } from '../../api/lists.ts';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import type { User } from '../../api/schema.d.ts';
import { useKeys } from '../../app/keys.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { FilterChips } from '../../components/filter-chips.tsx';
import { Page } from '../../components/page.tsx';
import { nameOf } from '../../components/person.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { SelectionBar } from '../../components/selection-bar.tsx';
import { useNarrow } from '../../components/use-narrow.ts';
import { useSelection } from '../../components/use-selection.ts';
import { BulkActs } from './acts/bulk-acts.tsx';
import type { UserDialog } from './acts/user-dialogs.tsx';
import { USER_FILTERS, usersCountQuery, usersQuery } from './filters.ts';
import { readHidden, writeHidden } from './hidden-columns.ts';
import { ColumnMenu, GroupChip, Views } from './list-controls.tsx';
import { LoginChips, MoreFilters } from './more-filters.tsx';
import { userColumns } from './user-columns.tsx';
import { UserPanel } from './user-panel.tsx';
import styles from './users-page.module.css';

const InviteDialog = lazy(async () => ({ default: (await import('./acts/invite-dialog.tsx')).InviteDialog }));
const UserDialogs = lazy(async () => ({ default: (await import('./acts/user-dialogs.tsx')).UserDialogs }));

const keyOf = ({ id }: User): string => id;

/** Admin → Users: one question to the server for search, filters, order and count, all of it in the address. */
export function UsersPage() {
  const me = useMe();
  const isNarrow = useNarrow();
  const [search, setSearch] = usePageSearch();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<UserDialog>();
  const [hidden, setHidden] = useState(readHidden);
  const searchField = useRef<HTMLInputElement>(null);
  const list = useInfiniteQuery({ ...usersQuery(search), placeholderData: keepPreviousData });
  const users = useRows(list);
  const listed = list.data?.pages[0]?.total;
  const counted = useQuery({
    ...usersCountQuery(search),
    enabled: list.isSuccess && !list.isPlaceholderData && listed === undefined,
  });
  const total = listed ?? counted.data?.total;
  const totalOver = listed === undefined ? counted.data?.totalOver : undefined;
  const written =
    totalOver === undefined
      ? total?.toLocaleString('en-GB')
      : `more than ${totalOver.toLocaleString('en-GB')}`;
  const selection = useSelection(users, keyOf);
  const openId = search['open'];
  const at = users.findIndex(({ id }) => id === openId);
  const open = useCallback((user: User) => setSearch({ open: user.id }), [setSearch]);
  const mayInvite = me.mayForOthers('users:manage');
  const [entered, setEntered] = useState<string>();
  const isFound = entered !== undefined && entered === (search['q'] ?? '') && !list.isPlaceholderData;
  const [first] = users;
  useEffect(() => {
    if (!isFound || list.isPending) return;
    setEntered(undefined);
    if (first === undefined) return;
    // The keys of lists act from here on: J, K, Enter for the whole page.
    searchField.current?.blur();
    open(first);
  }, [isFound, list.isPending, first, open]);

  useKeys({
    '/': () => searchField.current?.focus(),
    i: () => mayInvite && setSearch({ invite: 'open' }),
    e: () => at >= 0 && selection.count === 0 && setDialog({ act: 'role', user: users[at] as User }),
    Enter: () => at >= 0 && navigate({ to: '/users/$userId', params: { userId: (users[at] as User).id } }),
    w: () =>
      at >= 0 &&
      navigate({
        to: '/users/$userId',
        params: { userId: (users[at] as User).id },
        search: { tab: 'access' } as never,
      }),
  });

  const narrowTo = (key: string, value: string) => setSearch({ [key]: value });
  const columns = userColumns(narrowTo, setDialog).filter(({ key }) => !hidden.includes(key));

  const filtered =
    USER_FILTERS.some(({ key }) => search[key] !== undefined) ||
    search['q'] ||
    search['group'] ||
    search['lastLoginBefore'] ||
    search['lastLoginAfter'];
  return (
    <>
      <Page
        title="Users"
        fill
        count={written}
        beside={
          <>
            {!isNarrow && <Views />}
            <Link to={'/help' as never} className={`small ${styles.help}`}>
              Help
            </Link>
          </>
        }
        acts={
          <>
            <ActionButton
              leftSection={<IconFileImport size={16} stroke={1.5} aria-hidden />}
              lockedBecause={me.may('imports:run') ? undefined : NO_PERMISSION}
              onClick={() => navigate({ to: '/users/import' as never })}
            >
              <span className="on-wide">Import</span>
            </ActionButton>
            <ActionButton
              variant="filled"
              leftSection={<IconUserPlus size={16} stroke={1.5} aria-hidden />}
              lockedBecause={mayInvite ? undefined : NO_PERMISSION}
              onClick={() => setSearch({ invite: 'open' })}
            >
              <span className="on-wide">Invite user</span> <kbd>I</kbd>
            </ActionButton>
          </>
        }
        bar={
          <>
            <SearchField
              label="Search by name or email"
              placeholder="Name or email"
              field={searchField}
              text={search['q']}
              onChange={(q) => setSearch({ q, open: undefined })}
              onEnter={setEntered}
            />
            <FilterChips
              fields={USER_FILTERS}
              values={search}
              onChange={(key, value) => setSearch({ [key]: value, open: undefined })}
            >
              {search['group'] !== undefined && (
                <GroupChip id={search['group']} onRemove={() => setSearch({ group: undefined })} />
              )}
              <LoginChips search={search} onChange={setSearch} />
            </FilterChips>
            <MoreFilters search={search} onChange={(changed) => setSearch({ ...changed, open: undefined })} />
            {isNarrow && <Views />}
            <span className={styles.columns}>
              <ColumnMenu
                hidden={hidden}
                onChange={(keys) => {
                  writeHidden(keys);
                  setHidden(keys);
                }}
              />
            </span>
          </>
        }
      >
        {list.error !== null && users.length === 0 ? (
          <div className={styles.failure}>
            <Failure error={list.error} retry={() => list.refetch()} />
          </div>
        ) : (
          <DataTable
            caption="Users"
            columns={columns}
            rows={users}
            rowKey={keyOf}
            rowName={nameOf}
            loading={list.isPending}
            sort={search['sort'] ?? 'name'}
            onSort={(sort) => setSearch({ sort })}
            selection={selection}
            openKey={openId}
            onOpen={open}
            onMore={moreOf(list)}
            empty={
              filtered ? (
                <Empty
                  title="No one matches"
                  act={<Button onClick={() => navigate({ to: '/users' })}>Clear all filters</Button>}
                >
                  No user matches the search and all of the filters.
                </Empty>
              ) : (
                <Empty
                  title="No one here yet"
                  act={
                    <Button variant="filled" onClick={() => setSearch({ invite: 'open' })}>
                      Invite user
                    </Button>
                  }
                >
                  Invite user by email, import a file, or connect your identity provider, which then adds them
                  by itself.
                </Empty>
              )
            }
          />
        )}
      </Page>
      {openId !== undefined && (
        <UserPanel
          key={openId}
          userId={openId}
          position={at < 0 ? undefined : `${at + 1} of ${written ?? users.length}`}
          onPrevious={at > 0 ? () => open(users[at - 1] as User) : undefined}
          onNext={at >= 0 && at < users.length - 1 ? () => open(users[at + 1] as User) : undefined}
          onClose={() => setSearch({ open: undefined })}
          onAct={setDialog}
        />
      )}
      <SelectionBar count={selection.count} onClear={selection.clear}>
        <BulkActs selection={selection} search={search} total={total} />
      </SelectionBar>
      <Suspense fallback={null}>
        {search['invite'] === 'open' && <InviteDialog onClose={() => setSearch({ invite: undefined })} />}
        {dialog !== undefined && <UserDialogs dialog={dialog} onClose={() => setDialog(undefined)} />}
      </Suspense>
    </>
  );
}

import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDots, IconDownload } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { moreOf, useRows } from '../../api/lists.ts';
import { useKeys } from '../../app/keys.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { FilterChips } from '../../components/filter-chips.tsx';
import { nameOf, Person } from '../../components/person.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { SourceTag } from '../../components/source-tag.tsx';
import { UserStatus } from '../../components/status.tsx';
import { Tag } from '../../components/tag.tsx';
import { Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import { addedByAddress } from '../../components/words.ts';
import type { GroupTabProps } from './group-page.tsx';
import styles from './groups.module.css';
import { Gives, Managers, SetByDirectory } from './members-aside.tsx';
import { directoryOf, type Member, membersQuery, useGroupChange } from './use-groups.ts';

/** What grants a membership, by the name of its source. */
const MEMBERSHIP_SOURCES = {
  manual: 'manual',
  csv: 'import',
  scim: 'scim',
  jit: 'sso',
  pattern: 'pattern',
} as const;

const FILTERS = [
  {
    key: 'as',
    label: 'In the group as',
    options: [
      { value: 'manager', label: 'Manager' },
      { value: 'member', label: 'Member' },
    ],
  },
];

const keyOf = ({ user }: Member): string => user.id;

export function MembersTab({ group, locks, onAct }: GroupTabProps) {
  const [search, setSearch] = usePageSearch();
  const searchField = useRef<HTMLInputElement>(null);
  const [error, setError] = useState<unknown>();
  const as = search['as'];
  const filter = {
    ...(search['q'] ? { q: search['q'] } : {}),
    ...(as === 'manager' || as === 'member' ? { inGroupRole: as as Member['inGroupRole'] } : {}),
  };
  const list = useInfiniteQuery({ ...membersQuery(group.id, filter), placeholderData: keepPreviousData });
  const members = useRows(list);
  useKeys({ '/': () => searchField.current?.focus() });

  const path = (userId: string) => ({ params: { path: { id: group.id, userId } } });
  const put = useGroupChange(({ user, inGroupRole }: Member) =>
    dataOf(
      api.POST('/groups/{id}/members', {
        params: { path: { id: group.id } },
        body: { userIds: [user.id], inGroupRole },
      }),
    ),
  );
  const remove = useGroupChange(({ user }: Member) =>
    dataOf(api.DELETE('/groups/{id}/members/{userId}', path(user.id))),
  );
  const change = useGroupChange(({ user, to }: Pick<Member, 'user'> & { to: Member['inGroupRole'] }) =>
    dataOf(api.PATCH('/groups/{id}/members/{userId}', { ...path(user.id), body: { inGroupRole: to } })),
  );
  const failed = { onError: setError };
  const onRemove = (member: Member) =>
    remove.mutate(member, {
      ...failed,
      onSuccess: () => {
        setError(undefined);
        toast(`${nameOf(member.user)} was removed from ${group.name}.`, () => put.mutate(member, failed));
      },
    });
  const onChange = (member: Member) => {
    const to = member.inGroupRole === 'manager' ? 'member' : 'manager';
    change.mutate(
      { user: member.user, to },
      {
        ...failed,
        onSuccess: () => {
          setError(undefined);
          toast(`${nameOf(member.user)} is ${to} of ${group.name} now.`, () =>
            change.mutate({ user: member.user, to: member.inGroupRole }, failed),
          );
        },
      },
    );
  };

  const lockOf = ({ sources }: Member) =>
    locks.members ?? (sources.includes('pattern') ? addedByAddress(group.autoAssignPattern) : undefined);
  const connection = group.externalIds[0]?.connectionName;
  const columns: readonly Column<Member>[] = [
    {
      key: 'person',
      header: 'Person',
      cell: ({ user }) => (
        <Person name={user.name} email={user.email}>
          <Link to="/users/$userId" params={{ userId: user.id }} className={styles.name}>
            {nameOf(user)}
          </Link>
        </Person>
      ),
    },
    {
      key: 'as',
      header: 'In the group as',
      width: 120,
      from: 480,
      cell: ({ inGroupRole }) =>
        inGroupRole === 'manager' ? <b>manager</b> : <span className="muted">member</span>,
    },
    {
      key: 'source',
      header: 'Source',
      width: 190,
      from: 640,
      cell: ({ sources }) => (
        <span className="row">
          {sources.map((source) => (
            <SourceTag
              key={source}
              source={MEMBERSHIP_SOURCES[source as keyof typeof MEMBERSHIP_SOURCES] ?? 'manual'}
              connection={source === 'scim' ? connection : undefined}
            />
          ))}
        </span>
      ),
    },
    {
      key: 'since',
      header: 'Since',
      width: 108,
      from: 760,
      cell: ({ addedAt }) => <Time at={addedAt} form="date" />,
    },
    {
      key: 'status',
      header: 'Status',
      width: 152,
      narrow: 92,
      cell: ({ status, suspended }) => (
        <span className="row wrap" style={{ rowGap: 0 }}>
          <UserStatus status={status} />
          {suspended && (
            <Tag title="The membership gives no rights until they are active again">suspended</Tag>
          )}
        </span>
      ),
    },
    {
      key: 'menu',
      header: <span className="visually-hidden">Actions</span>,
      width: 64,
      narrow: 58,
      cell: (member) => (
        <Menu>
          <Menu.Target>
            <ActionIcon aria-label={`Actions for ${nameOf(member.user)}`}>
              <IconDots size={16} stroke={1.5} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown maw={280}>
            <Menu.Item disabled={locks.inGroupRole !== undefined} onClick={() => onChange(member)}>
              {member.inGroupRole === 'manager' ? 'Make member' : 'Make manager'}
            </Menu.Item>
            <Menu.Item data-danger disabled={lockOf(member) !== undefined} onClick={() => onRemove(member)}>
              Remove from the group
            </Menu.Item>
            {lockOf(member) !== undefined && <Menu.Label>{lockOf(member)}</Menu.Label>}
          </Menu.Dropdown>
        </Menu>
      ),
    },
  ];
  const filtered = Object.keys(filter).length > 0;
  return (
    <div className={styles.split}>
      <div className={styles.listing}>
        <div className={`filter-line ${styles.bar}`}>
          <SearchField
            label="Search members by name or email"
            placeholder="Name or email"
            field={searchField}
            text={search['q']}
            onChange={(q) => setSearch({ q })}
          />
          <FilterChips
            fields={FILTERS}
            values={search}
            onChange={(key, value) => setSearch({ [key]: value?.split(',').at(-1) })}
          />
          <span className="grow" />
          <Button
            component="a"
            download
            href={`/api/v1/groups/${group.id}/members/export?${new URLSearchParams(filter)}`}
            variant="subtle"
            leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />}
          >
            <span className="on-wide">Export</span>
          </Button>
        </div>
        {(error !== undefined || list.error !== null) && (
          <div className={styles.failure}>
            <Failure error={error ?? list.error} />
          </div>
        )}
        <DataTable
          caption={`Members of ${group.name}`}
          columns={columns}
          rows={members}
          rowKey={keyOf}
          loading={list.isPending}
          onMore={moreOf(list)}
          empty={
            filtered ? (
              <Empty
                title="No member matches"
                act={
                  <Button onClick={() => setSearch({ q: undefined, as: undefined })}>Clear the search</Button>
                }
              >
                No one in this group fits the search and the filter.
              </Empty>
            ) : (
              <Empty
                title="No members yet"
                act={
                  locks.members === undefined && (
                    <Button variant="filled" onClick={() => onAct('add')}>
                      Add people
                    </Button>
                  )
                }
              >
                {locks.members ?? 'What the group carries holds for everyone who is in it.'}
              </Empty>
            )
          }
        />
      </div>
      <div className={styles.aside}>
        <Gives group={group} locks={locks} />
        {directoryOf(group) !== undefined && <SetByDirectory group={group} />}
        <Managers group={group} />
      </div>
    </div>
  );
}

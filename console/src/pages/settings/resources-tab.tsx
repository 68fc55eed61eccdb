import { Button, TagsInput, TextInput, UnstyledButton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import { byCursor, cursorOf, moreOf, useRows } from '../../api/lists.ts';
import type { Resource } from '../../api/schema.d.ts';
import { useChange } from '../../api/use-change.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { Tag } from '../../components/tag.tsx';
import { Time } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import { PersonChip } from '../users/person-chip.tsx';
import { UserPicker } from '../users/user-picker.tsx';
import styles from './settings.module.css';

function useResourceChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  return useChange(change, [['resources']]);
}

/** What permissions are about: agents, data sources and whatever else applications have registered. */
export function ResourcesTab() {
  const [search, setSearch] = usePageSearch();
  const owner = search['owner'];
  const list = useInfiniteQuery({
    queryKey: ['resources', owner],
    ...byCursor,
    queryFn: ({ pageParam }) => {
      const query = {
        limit: 100,
        ...(owner === undefined ? {} : { owner }),
        ...cursorOf(pageParam),
      };
      return dataOf(api.GET('/resources', { params: { query } }));
    },
  });
  const rows = useRows(list);
  const edited = rows.find(({ id }) => id === search['edit']);
  const columns: readonly Column<Resource>[] = [
    {
      key: 'name',
      header: 'Name',
      cell: ({ id, name }) => (
        <UnstyledButton style={{ fontSize: 13 }} dir="auto" onClick={() => setSearch({ edit: id })}>
          <b>{name}</b>
        </UnstyledButton>
      ),
    },
    { key: 'type', header: 'Type', width: 140, cell: ({ type }) => <code>{type}</code> },
    {
      key: 'owner',
      header: 'Owner',
      from: 620,
      cell: ({ owner: person }) =>
        person === null ? (
          <span className="muted">None</span>
        ) : (
          <bdi>{person.name ?? person.email ?? 'a deleted user'}</bdi>
        ),
    },
    {
      key: 'tags',
      header: 'Tags',
      from: 820,
      cell: ({ tags }) => (
        <span className="row">
          {tags.map((tag) => (
            <Tag key={tag}>{tag}</Tag>
          ))}
        </span>
      ),
    },
    {
      key: 'updated',
      header: 'Changed',
      width: 120,
      from: 900,
      cell: ({ updatedAt }) => <Time at={updatedAt} />,
    },
  ];
  const close = () => setSearch({ edit: undefined });
  const add = (
    <Button
      leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
      onClick={() => setSearch({ edit: 'new' })}
    >
      Register a resource
    </Button>
  );
  return (
    <>
      <div className={styles.bar}>
        <PersonChip label="Owner" value={owner} onChange={(id) => setSearch({ owner: id })} />
        <span className="grow" />
        {add}
      </div>
      {list.error !== null ? (
        <div className={styles.failure}>
          <Failure error={list.error} retry={() => void list.refetch()} />
        </div>
      ) : (
        <DataTable
          caption="Resources"
          columns={columns}
          rows={rows}
          rowKey={({ id }) => id}
          loading={list.isPending}
          onOpen={({ id }) => setSearch({ edit: id })}
          onMore={moreOf(list)}
          empty={
            <Empty title="No resource yet" act={add}>
              Applications register here what permissions apply to: an agent with its owner, for instance.
              Groups get rights on resources by their tags.
            </Empty>
          }
        />
      )}
      {search['edit'] === 'new' && <ResourceDialog onClose={close} />}
      {edited !== undefined && <ResourceDialog key={edited.id} resource={edited} onClose={close} />}
    </>
  );
}

function ResourceDialog({
  resource,
  onClose,
}: {
  readonly resource?: Resource;
  readonly onClose: () => void;
}) {
  const [type, setType] = useState(resource?.type ?? 'agent');
  const [name, setName] = useState(resource?.name ?? '');
  const [ownerId, setOwnerId] = useState(resource?.owner?.id);
  const [tags, setTags] = useState<string[]>(resource === undefined ? [] : [...resource.tags]);
  const [deleting, setDeleting] = useState(false);
  const save = useResourceChange(() =>
    resource === undefined
      ? dataOf(
          api.POST('/resources', {
            body: {
              type: type.trim(),
              name: name.trim(),
              tags,
              ...(ownerId === undefined ? {} : { ownerId }),
            },
          }),
        )
      : dataOf(
          api.PATCH('/resources/{id}', {
            params: { path: { id: resource.id } },
            body: { name: name.trim(), tags, ownerId: ownerId ?? null },
          }),
        ),
  );
  const remove = useResourceChange((id: string) =>
    dataOf(api.DELETE('/resources/{id}', { params: { path: { id } } })),
  );
  const error = save.error instanceof ApiError ? save.error : undefined;
  if (deleting && resource !== undefined) {
    return (
      <Dialog
        title={`Delete ${resource.name}?`}
        consequence="Rights on it end. The application that it belongs to is not changed."
        act={`Delete ${resource.name}`}
        danger
        acting={remove.isPending}
        error={remove.error}
        onClose={() => setDeleting(false)}
        onAct={() =>
          remove.mutate(resource.id, {
            onSuccess: () => {
              toast(`${resource.name} was deleted.`);
              onClose();
            },
          })
        }
      />
    );
  }
  return (
    <Dialog
      title={resource === undefined ? 'Register a resource' : `Change ${resource.name}`}
      act={resource === undefined ? 'Register the resource' : 'Save the resource'}
      acting={save.isPending}
      disabled={name.trim() === '' || type.trim() === ''}
      error={error?.errors.length ? undefined : save.error}
      aside={
        resource !== undefined && (
          <Button data-danger="outline" onClick={() => setDeleting(true)}>
            Delete…
          </Button>
        )
      }
      onClose={onClose}
      onAct={() =>
        save.mutate(undefined, {
          onSuccess: () => {
            toast(`${name.trim()} was ${resource === undefined ? 'registered' : 'saved'}.`);
            onClose();
          },
        })
      }
    >
      {resource === undefined && (
        <TextInput
          label="Type"
          description="As your application calls it: agent, data_source."
          value={type}
          maxLength={60}
          error={error?.about('type')}
          onChange={(event) => setType(event.currentTarget.value)}
        />
      )}
      <TextInput
        label="Name"
        value={name}
        maxLength={200}
        error={error?.about('name')}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <UserPicker label="Owner" value={ownerId} onChange={setOwnerId} error={error?.about('ownerId')} />
      <TagsInput label="Tags" value={tags} error={error?.about('tags')} onChange={setTags} />
    </Dialog>
  );
}

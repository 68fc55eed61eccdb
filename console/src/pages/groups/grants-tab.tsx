import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { Empty } from '../../components/empty.tsx';
import { Failure } from '../../components/failure.tsx';
import { toast } from '../../components/toast.tsx';
import { type Grant, grantName, grantsQuery } from './grants.ts';
import type { GroupTabProps } from './group-page.tsx';
import styles from './groups.module.css';
import { useGroupChange } from './use-groups.ts';

const LEVELS = [
  { value: 'use', label: 'use' },
  { value: 'edit', label: 'edit' },
  { value: 'manage', label: 'manage' },
];

const keyOf = ({ resourceType, resourceId, tag }: Grant) => `${resourceType} ${resourceId ?? `#${tag}`}`;
const withoutName = ({ resourceName: _, ...grant }: Grant) => grant;

/** What the group may do with resources: each grant takes effect as it is set. */
export function GrantsTab({ group, locks }: GroupTabProps) {
  const { data, error, refetch } = useQuery(grantsQuery(group.id));
  const put = useGroupChange((grants: readonly Grant[]) =>
    dataOf(
      api.PUT('/groups/{id}/grants', {
        params: { path: { id: group.id } },
        body: grants.map(withoutName),
      }),
    ),
  );
  const grants = data?.data ?? [];
  const set = (next: readonly Grant[], said: string) =>
    put.mutate(next, { onSuccess: () => toast(said, () => put.mutate(grants)) });
  const locked = locks.manage;
  return (
    <div className="stack">
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {put.error !== null && <Failure error={put.error} />}
      {locked !== undefined && <p className="muted">{locked}</p>}
      {data !== undefined && grants.length === 0 && (
        <Empty title="No grants yet">
          A grant lets everyone in the group use, edit or manage one resource, or all that carry a tag,
          whatever their role.
        </Empty>
      )}
      {grants.length > 0 && (
        <ul className={styles.grants} aria-label="Grants">
          {grants.map((grant) => (
            <li key={keyOf(grant)}>
              <span className="grow ellipsis">
                <bdi>{grantName(grant)}</bdi>{' '}
                {grant.tag === undefined && (
                  <span className="muted small">{grant.resourceType.replaceAll('_', ' ')}</span>
                )}
              </span>
              <Select
                w={110}
                aria-label={`What the group may do with ${grantName(grant)}`}
                data={LEVELS}
                value={grant.level}
                allowDeselect={false}
                disabled={locked !== undefined || put.isPending}
                onChange={(level) =>
                  level !== null &&
                  level !== grant.level &&
                  set(
                    grants.map((each) =>
                      keyOf(each) === keyOf(grant) ? { ...each, level: level as Grant['level'] } : each,
                    ),
                    `${group.name} may ${level} ${grantName(grant)} now.`,
                  )
                }
              />
              <Button
                size="xs"
                disabled={locked !== undefined || put.isPending}
                onClick={() =>
                  set(
                    grants.filter((each) => keyOf(each) !== keyOf(grant)),
                    `The grant on ${grantName(grant)} was removed.`,
                  )
                }
              >
                Remove
              </Button>
            </li>
          ))}
        </ul>
      )}
      {locked === undefined && (
        <AddGrant
          taken={grants}
          acting={put.isPending}
          onAdd={(grant) =>
            set([...grants, grant], `${group.name} may ${grant.level} ${grantName(grant)} now.`)
          }
        />
      )}
    </div>
  );
}

function AddGrant({
  taken,
  acting,
  onAdd,
}: {
  readonly taken: readonly Grant[];
  readonly acting: boolean;
  readonly onAdd: (grant: Grant) => void;
}) {
  const headingId = useId();
  const [by, setBy] = useState('resource');
  const [resourceId, setResourceId] = useState<string | null>(null);
  const [type, setType] = useState('agent');
  const [tag, setTag] = useState('');
  const [level, setLevel] = useState<Grant['level']>('use');
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text, 150);
  const { data } = useQuery({
    queryKey: ['resources', 'pick'],
    queryFn: () => dataOf(api.GET('/resources', { params: { query: { limit: 200 } } })),
  });
  const resources = (data?.data ?? []).filter(
    ({ id, name }) =>
      !taken.some((grant) => grant.resourceId === id) &&
      name.toLocaleLowerCase().includes(asked.trim().toLocaleLowerCase()),
  );
  const resource = data?.data.find(({ id }) => id === resourceId);
  const grant: Grant | undefined =
    by === 'resource'
      ? resource && {
          resourceType: resource.type,
          resourceId: resource.id,
          resourceName: resource.name,
          level,
        }
      : tag.trim() === '' || type.trim() === ''
        ? undefined
        : { resourceType: type.trim(), tag: tag.trim(), level };
  return (
    <form
      className="stack"
      aria-labelledby={headingId}
      style={{ maxWidth: 760, marginTop: 12 }}
      onSubmit={(event) => {
        event.preventDefault();
        if (grant === undefined) return;
        onAdd(grant);
        setResourceId(null);
        setTag('');
      }}
    >
      <div className="row wrap">
        <h2 id={headingId}>Grant more</h2>
        <SegmentedControl
          aria-label="What the grant is about"
          data={[
            { value: 'resource', label: 'One resource' },
            { value: 'tag', label: 'All with a tag' },
          ]}
          value={by}
          onChange={setBy}
        />
      </div>
      <div className="row wrap" style={{ alignItems: 'end' }}>
        {by === 'resource' ? (
          <Select
            className="grow"
            style={{ flexBasis: 240 }}
            label="Resource"
            searchable
            placeholder="Name of an agent or a data source"
            data={resources.map(({ id, name, type: kind }) => ({
              value: id,
              label: `${name} (${kind.replaceAll('_', ' ')})`,
            }))}
            filter={({ options }) => options}
            onSearchChange={setText}
            nothingFoundMessage="No resource has such a name."
            value={resourceId}
            onChange={setResourceId}
          />
        ) : (
          <>
            <TextInput
              label="Type"
              w={160}
              value={type}
              maxLength={100}
              onChange={(event) => setType(event.currentTarget.value)}
            />
            <TextInput
              className="grow"
              label="Tag"
              value={tag}
              maxLength={100}
              onChange={(event) => setTag(event.currentTarget.value)}
            />
          </>
        )}
        <Select
          w={110}
          label="Level"
          data={LEVELS}
          value={level}
          allowDeselect={false}
          onChange={(value) => setLevel(value as Grant['level'])}
        />
        <Button type="submit" loading={acting} disabled={grant === undefined}>
          Add grant
        </Button>
      </div>
    </form>
  );
}

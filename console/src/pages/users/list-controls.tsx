import { ActionIcon, Button, Menu, TextInput } from '@mantine/core';
import { IconChevronDown, IconColumns, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { usePageSearch } from '../../app/use-search.ts';
import chips from '../../components/filter-chips.module.css';
import { STANDARD_VIEWS } from './filters.ts';
import { HIDEABLE } from './hidden-columns.ts';
import { useUserViews } from './user-views.ts';
import styles from './users-page.module.css';

/** The filter by a group, with its name. */
export function GroupChip({ id, onRemove }: { readonly id: string; readonly onRemove: () => void }) {
  const { data } = useQuery({
    queryKey: ['groups', id],
    queryFn: () => dataOf(api.GET('/groups/{id}', { params: { path: { id } } })),
  });
  return (
    <span className={chips.chip}>
      <span className={chips.field}>Group</span>
      <span className={chips.value} dir="auto">
        {data?.name ?? '…'}
      </span>
      <ActionIcon size={24} aria-label="Remove the filter by group" onClick={onRemove}>
        <IconX size={14} stroke={1.5} />
      </ActionIcon>
    </span>
  );
}

/** Which columns of the list are shown. */
export function ColumnMenu({
  hidden,
  onChange,
}: {
  readonly hidden: readonly string[];
  readonly onChange: (hidden: readonly string[]) => void;
}) {
  return (
    <Menu closeOnItemClick={false}>
      <Menu.Target>
        <ActionIcon aria-label="Choose the columns">
          <IconColumns size={16} stroke={1.5} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Columns</Menu.Label>
        {HIDEABLE.map(([key, label]) => (
          <Menu.Item
            key={key}
            role="menuitemcheckbox"
            aria-checked={!hidden.includes(key)}
            rightSection={hidden.includes(key) ? undefined : '✓'}
            onClick={() =>
              onChange(hidden.includes(key) ? hidden.filter((other) => other !== key) : [...hidden, key])
            }
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Views are addresses with a name: the standard ones, and those that this browser keeps. */
export function Views() {
  const [search] = usePageSearch();
  const navigate = useNavigate();
  const { views, save, remove, currentName } = useUserViews(search);
  const [naming, setNaming] = useState('');
  return (
    <Menu position="bottom-start" width={240}>
      <Menu.Target>
        <Button
          size="xs"
          variant="subtle"
          rightSection={<IconChevronDown size={14} stroke={1.5} aria-hidden />}
        >
          <span className="on-wide">View: </span>
          {currentName ?? 'Changed'}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {STANDARD_VIEWS.map(({ name, search: view }) => (
          <Menu.Item key={name} onClick={() => navigate({ to: '/users', search: view as never })}>
            {name}
          </Menu.Item>
        ))}
        {views.length > 0 && <Menu.Label>Yours, in this browser</Menu.Label>}
        {views.map(({ name, search: view }) => (
          <Menu.Item
            key={name}
            onClick={() => navigate({ to: '/users', search: view as never })}
            rightSection={
              <IconX
                size={14}
                stroke={1.5}
                role="button"
                aria-label={`Remove the view ${name}`}
                onClick={(event) => {
                  event.stopPropagation();
                  remove(name);
                }}
              />
            }
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <form
          className={styles.saveView}
          onSubmit={(event) => {
            event.preventDefault();
            if (naming.trim() !== '') save(naming.trim());
            setNaming('');
          }}
        >
          <TextInput
            aria-label="Name of the view"
            placeholder="Save this view as…"
            maxLength={60}
            value={naming}
            onChange={(event) => setNaming(event.currentTarget.value)}
            onKeyDown={(event) => event.stopPropagation()}
          />
        </form>
      </Menu.Dropdown>
    </Menu>
  );
}

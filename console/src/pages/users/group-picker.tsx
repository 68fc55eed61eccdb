import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import type { Group } from '../../api/schema.d.ts';

/** Chooses groups by their names, however many there are. */
export function GroupPicker({
  label,
  description,
  value,
  onChange,
  changes = false,
  without = [],
  known = [],
  error,
}: {
  readonly label: string;
  readonly description?: string;
  readonly value: readonly string[];
  readonly onChange: (ids: readonly string[]) => void;
  /** Whether memberships change: those of a directory's groups cannot. */
  readonly changes?: boolean;
  readonly without?: readonly string[];
  /** Groups whose names are known already. */
  readonly known?: readonly {
    readonly id: string;
    readonly name: string;
    readonly managedBy?: string | null;
  }[];
  readonly error?: string | undefined;
}) {
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), 150);
  const names = useRef(new Map<string, string>());
  const { data, isFetching } = useQuery({
    queryKey: ['groups', 'pick', asked],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const query = { limit: 30, ...(asked === '' ? {} : { q: asked }) };
      return (await dataOf(api.GET('/groups', { params: { query } }))).data as Group[];
    },
  });
  const locked = new Set<string>();
  const add = (id: string, name: string, managed: boolean) => {
    if (changes && managed) locked.add(id);
    names.current.set(id, managed ? `${name} (managed by the directory)` : name);
  };
  for (const { id, name, source } of data ?? []) add(id, name, source !== 'manual');
  for (const { id, name, managedBy } of known) add(id, name, (managedBy ?? null) !== null);
  const found = (data ?? []).filter(({ id }) => !without.includes(id)).map(({ id }) => id);
  const shown = [...new Set([...value, ...found])];
  return (
    <MultiSelect
      label={label}
      {...(description === undefined ? {} : { description })}
      data={shown.map((id) => ({ value: id, label: names.current.get(id) ?? id, disabled: locked.has(id) }))}
      value={[...value]}
      // Backspace takes the last one away, be it locked or not.
      onChange={(ids) => onChange([...value.filter((id) => locked.has(id) && !ids.includes(id)), ...ids])}
      searchable
      searchValue={text}
      onSearchChange={setText}
      filter={({ options }) => options}
      placeholder={value.length === 0 ? 'Search groups' : undefined}
      nothingFoundMessage={isFetching ? 'Searching…' : 'No group has this name.'}
      error={error}
      hidePickedOptions
    />
  );
}

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
  readonly known?: readonly { readonly id: string; readonly name: string }[];
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
  for (const { id, name } of known) names.current.set(id, name);
  const locked = new Set<string>();
  for (const { id, name, source } of data ?? []) {
    if (changes && source === 'scim') locked.add(id);
    names.current.set(id, source === 'manual' ? name : `${name} (managed by the directory)`);
  }
  const found = (data ?? []).filter(({ id }) => !without.includes(id)).map(({ id }) => id);
  const shown = [...new Set([...value, ...found])];
  return (
    <MultiSelect
      label={label}
      {...(description === undefined ? {} : { description })}
      data={shown.map((id) => ({ value: id, label: names.current.get(id) ?? id, disabled: locked.has(id) }))}
      value={[...value]}
      onChange={onChange}
      searchable
      searchValue={text}
      onSearchChange={setText}
      filter={({ options }) => options}
      placeholder={value.length === 0 ? 'Search groups' : undefined}
      nothingFoundMessage={isFetching ? 'Searching…' : 'No group has such a name.'}
      error={error}
      hidePickedOptions
    />
  );
}

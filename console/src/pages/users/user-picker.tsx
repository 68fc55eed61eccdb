import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import type { User } from '../../api/schema.d.ts';
import { nameOf } from '../../components/person.tsx';

/** Chooses one user by name or address, however many there are. */
export function UserPicker({
  label,
  description,
  value,
  onChange,
  error,
  inPopover = false,
}: {
  readonly label: string;
  readonly description?: string;
  readonly value: string | undefined;
  readonly onChange: (id: string | undefined) => void;
  readonly error?: string | undefined;
  /** Its list stays in the popover that it stands in, which would close otherwise. */
  readonly inPopover?: boolean;
}) {
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), 150);
  const names = useRef(new Map<string, string>());
  const { data, isFetching } = useQuery({
    queryKey: ['users', 'pick', asked],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const query = { limit: 20, ...(asked === '' ? {} : { q: asked }) };
      return (await dataOf(api.GET('/users', { params: { query } }))).data as User[];
    },
  });
  for (const user of data ?? []) {
    names.current.set(user.id, user.name === null ? user.email : `${nameOf(user)} (${user.email})`);
  }
  const ids = [...new Set([...(value === undefined ? [] : [value]), ...(data ?? []).map(({ id }) => id)])];
  return (
    <Select
      label={label}
      {...(description === undefined ? {} : { description })}
      data={ids.map((id) => ({ value: id, label: names.current.get(id) ?? id }))}
      value={value ?? null}
      onChange={(id) => onChange(id ?? undefined)}
      searchable
      comboboxProps={{ withinPortal: !inPopover }}
      clearable
      onSearchChange={setText}
      filter={({ options }) => options}
      placeholder="Name or email"
      nothingFoundMessage={isFetching ? 'Searching…' : 'No one has this name or address.'}
      error={error}
    />
  );
}

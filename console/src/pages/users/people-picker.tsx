import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import type { User } from '../../api/schema.d.ts';

/** Chooses several users by name or address, however many there are. */
export function PeoplePicker({
  label,
  description,
  value,
  onChange,
  without,
  filter = {},
  error,
}: {
  readonly label: string;
  readonly description?: string;
  readonly value: readonly string[];
  readonly onChange: (ids: readonly string[]) => void;
  /** Whom not to offer. */
  readonly without?: (user: User) => boolean;
  /** Whom to offer alone, as GET /users takes it. */
  readonly filter?: { readonly effectiveRole?: readonly User['role'][] };
  readonly error?: string | undefined;
}) {
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), 150);
  const names = useRef(new Map<string, string>());
  const { data, isFetching } = useQuery({
    queryKey: ['users', 'pick-several', asked, filter],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const query = { limit: 30, ...filter, ...(asked === '' ? {} : { q: asked }) };
      return (await dataOf(api.GET('/users', { params: { query: query as never } }))).data as User[];
    },
  });
  for (const { id, name, email } of data ?? []) {
    names.current.set(id, name === null ? email : `${name} (${email})`);
  }
  const found = (data ?? []).filter((user) => !without?.(user)).map(({ id }) => id);
  return (
    <MultiSelect
      label={label}
      {...(description === undefined ? {} : { description })}
      data={[...new Set([...value, ...found])].map((id) => ({
        value: id,
        label: names.current.get(id) ?? id,
      }))}
      value={[...value]}
      onChange={onChange}
      searchable
      searchValue={text}
      onSearchChange={setText}
      filter={({ options }) => options}
      placeholder={value.length === 0 ? 'Name or email' : undefined}
      nothingFoundMessage={isFetching ? 'Searching…' : 'No one has this name or address.'}
      error={error}
      hidePickedOptions
    />
  );
}

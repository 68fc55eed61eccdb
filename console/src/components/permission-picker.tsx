import { MultiSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../api/client.ts';
import type { PermissionKey } from '../api/me.ts';

const permissionsQuery = {
  queryKey: ['permissions'],
  queryFn: () => dataOf(api.GET('/permissions')),
  staleTime: Number.POSITIVE_INFINITY,
};

/** Chooses permissions by name, each with what it means. */
export function PermissionPicker({
  label,
  description,
  value,
  onChange,
  error,
}: {
  readonly label: string;
  readonly description?: string;
  readonly value: readonly PermissionKey[];
  readonly onChange: (value: PermissionKey[]) => void;
  readonly error?: string | undefined;
}) {
  const { data } = useQuery(permissionsQuery);
  const meanings = new Map<string, string>(data?.permissions.map(({ key, meaning }) => [key, meaning]));
  return (
    <MultiSelect
      label={label}
      {...(description === undefined ? {} : { description })}
      data={[...meanings.keys()]}
      value={[...value]}
      onChange={(keys) => onChange(keys as PermissionKey[])}
      searchable
      maxDropdownHeight={320}
      placeholder={value.length === 0 ? 'Choose permissions' : ''}
      error={error}
      renderOption={({ option }) => (
        <span>
          <code>{option.value}</code>
          <br />
          <span className="muted small">{meanings.get(option.value)}</span>
        </span>
      )}
    />
  );
}

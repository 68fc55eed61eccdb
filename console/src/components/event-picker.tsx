import { MultiSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../api/client.ts';

/** Every kind of event, with what it means. */
export const actionsQuery = {
  queryKey: ['audit', 'actions'],
  queryFn: () => dataOf(api.GET('/audit/actions')),
  staleTime: Number.POSITIVE_INFINITY,
};

/** Chooses events by name, each with what it means. */
export function EventPicker({
  label,
  description,
  first = [],
  nouns = false,
  inPopover = false,
  value,
  onChange,
  error,
}: {
  readonly label: string;
  readonly description?: string;
  /** Names that are no events and stand first, with what they mean. */
  readonly first?: readonly (readonly [name: string, meaning: string])[];
  /** Whether all events of a noun can be chosen: `user.*`. */
  readonly nouns?: boolean;
  readonly inPopover?: boolean;
  readonly value: readonly string[];
  readonly onChange: (value: string[]) => void;
  readonly error?: string | undefined;
}) {
  const { data } = useQuery(actionsQuery);
  const events = data?.data ?? [];
  const meanings = new Map(first);
  for (const { action, meaning } of events) {
    const noun = action.slice(0, action.indexOf('.'));
    if (nouns) meanings.set(`${noun}.*`, `Every event of ${noun.replaceAll('_', ' ')}.`);
    meanings.set(action, meaning);
  }
  return (
    <MultiSelect
      label={label}
      {...(description === undefined ? {} : { description })}
      data={[...new Set([...meanings.keys(), ...value])]}
      value={[...value]}
      onChange={onChange}
      searchable
      limit={200}
      maxDropdownHeight={320}
      comboboxProps={{ withinPortal: !inPopover }}
      placeholder={value.length === 0 ? 'Choose events' : ''}
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

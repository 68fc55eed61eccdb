import { useQuery } from '@tanstack/react-query';
import { nameOf } from '../../components/person.tsx';
import { PopoverChip } from '../../components/popover-chip.tsx';
import { userQuery } from './use-users.ts';
import { UserPicker } from './user-picker.tsx';

/** Narrows a list to one person. @param props.known what an id is called that is no user's */
export function PersonChip({
  label,
  value,
  known,
  onChange,
}: {
  readonly label: string;
  readonly value: string | undefined;
  readonly known?: string | undefined;
  readonly onChange: (id: string | undefined) => void;
}) {
  const { data } = useQuery({
    ...userQuery(value ?? ''),
    enabled: value !== undefined && known === undefined,
  });
  const name = known ?? (data === undefined ? value?.slice(0, 8) : nameOf(data));
  return (
    <PopoverChip
      label={label}
      value={value === undefined ? undefined : name}
      onRemove={() => onChange(undefined)}
    >
      {(close) => (
        <UserPicker
          label={`${label} whom`}
          inPopover
          value={undefined}
          onChange={(id) => {
            onChange(id);
            close();
          }}
        />
      )}
    </PopoverChip>
  );
}

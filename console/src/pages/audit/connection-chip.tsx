import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import { PopoverChip } from '../../components/popover-chip.tsx';

/** Narrows the audit trail to one connection, of SCIM or of single sign-on. */
export function ConnectionChip({
  value,
  onChange,
}: {
  readonly value: string | undefined;
  readonly onChange: (id: string | undefined) => void;
}) {
  const me = useMe();
  const scim = useQuery({
    queryKey: ['scim', 'connections'],
    enabled: me.may('scim:manage'),
    queryFn: () => dataOf(api.GET('/scim/connections')),
  });
  const sso = useQuery({
    queryKey: ['sso', 'connections'],
    enabled: me.may('sso:manage'),
    queryFn: () => dataOf(api.GET('/sso/connections')),
  });
  const groups = [
    { group: 'SCIM', items: scim.data?.data ?? [] },
    { group: 'Single sign-on', items: sso.data?.data ?? [] },
  ].map(({ group, items }) => ({
    group,
    items: items.map(({ id, name }) => ({ value: id, label: name })),
  }));
  const name = groups.flatMap(({ items }) => items).find((item) => item.value === value)?.label;
  return (
    <PopoverChip
      label="Connection"
      value={value === undefined ? undefined : (name ?? value.slice(0, 8))}
      onRemove={() => onChange(undefined)}
    >
      {(close) => (
        <Select
          label="Connection"
          data={groups}
          value={value ?? null}
          comboboxProps={{ withinPortal: false }}
          nothingFoundMessage="No connection matches."
          onChange={(id) => {
            onChange(id ?? undefined);
            close();
          }}
        />
      )}
    </PopoverChip>
  );
}

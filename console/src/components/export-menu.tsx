import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { ActionButton } from './action-button.tsx';

/** Downloads what a list shows, in one of the formats that the API writes. */
export function ExportMenu({
  path,
  query,
  formats,
  lockedBecause,
  children = 'Export',
}: {
  /** Of the API: `/audit/export`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly formats: readonly (readonly [format: string, label: string])[];
  readonly lockedBecause?: string | undefined;
  readonly children?: string;
}) {
  const icon = <IconDownload size={16} stroke={1.5} aria-hidden />;
  if (lockedBecause !== undefined) {
    return <ActionButton lockedBecause={lockedBecause}>{children}</ActionButton>;
  }
  const addressOf = (format: string): string => {
    const written = new URLSearchParams({ format });
    for (const [key, value] of Object.entries(query)) {
      for (const each of value === undefined ? [] : [value].flat()) written.append(key, each);
    }
    return `/api/v1${path}?${written}`;
  };
  return (
    <Menu>
      <Menu.Target>
        <Button leftSection={icon}>{children}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {formats.map(([format, label]) => (
          <Menu.Item key={format} component="a" href={addressOf(format)} download>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

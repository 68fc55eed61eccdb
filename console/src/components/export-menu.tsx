import { Button, Menu, Popover } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ActionButton } from './action-button.tsx';
import { Failure } from './failure.tsx';
import { sizeInWords, useDownload } from './use-download.ts';

/** Downloads what a list shows, in one of the formats that the API writes, and says how that goes. */
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
  readonly children?: ReactNode;
}) {
  const { download, start, stop } = useDownload();
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
  const running = download.state === 'running';
  return (
    <Popover opened={download.state !== 'idle'} {...(running ? {} : { onDismiss: stop })} withRoles={false}>
      <Popover.Target>
        <span>
          <Menu disabled={running}>
            <Menu.Target>
              <Button leftSection={icon} loading={running}>
                {children}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {formats.map(([format, label]) => (
                <Menu.Item key={format} onClick={() => void start(addressOf(format))}>
                  {label}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </span>
      </Popover.Target>
      <Popover.Dropdown maw={320} role="dialog" aria-label="Export">
        {download.state === 'failed' ? (
          <Failure error={download.error} />
        ) : (
          <div className="row">
            <span className="grow" role="status">
              {running && download.bytes > 0
                ? `The file is being downloaded: ${sizeInWords(download.bytes)} so far.`
                : 'The file is being prepared.'}
            </span>
            <Button size="xs" variant="subtle" onClick={stop}>
              Cancel
            </Button>
          </div>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

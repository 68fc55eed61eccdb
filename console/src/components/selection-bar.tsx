import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useKeys } from '../app/keys.ts';
import styles from './selection-bar.module.css';

/** What one can do with the rows that are selected. */
export function SelectionBar({
  count,
  onClear,
  children,
}: {
  readonly count: number;
  readonly onClear: () => void;
  readonly children: ReactNode;
}) {
  useKeys(count > 0 ? { Escape: onClear } : {});
  return (
    <>
      <div role="status" className="visually-hidden">
        {count > 0 ? `${count.toLocaleString('en-GB')} selected` : ''}
      </div>
      {count > 0 && (
        <div className={styles.bar} role="toolbar" data-selection-bar aria-label="With the selected rows">
          <b className="figures">{count.toLocaleString('en-GB')} selected</b>
          {children}
          <ActionIcon aria-label="Clear the selection" onClick={onClear}>
            <IconX size={16} stroke={1.5} />
          </ActionIcon>
        </div>
      )}
    </>
  );
}

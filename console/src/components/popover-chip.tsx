import { ActionIcon, Button, Popover } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import styles from './filter-chips.module.css';

/** A filter whose value is chosen in a form of its own: a time, a person, an id. Dashed while it is not set. */
export function PopoverChip({
  label,
  value,
  onRemove,
  children,
}: {
  readonly label: string;
  readonly value: ReactNode | undefined;
  /** Undefined where the page cannot do without a value. */
  readonly onRemove?: () => void;
  readonly children: (close: () => void) => ReactNode;
}) {
  const [opened, setOpened] = useState(false);
  const close = () => setOpened(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" width={300} trapFocus returnFocus>
      {value === undefined ? (
        <Popover.Target>
          <Button
            size="xs"
            className={styles.add ?? ''}
            leftSection={<IconPlus size={14} stroke={1.5} aria-hidden />}
            onClick={() => setOpened(!opened)}
          >
            {label}
          </Button>
        </Popover.Target>
      ) : (
        <span className={styles.chip}>
          <span className={styles.field}>{label}</span>
          <Popover.Target>
            <button type="button" className={styles.value} onClick={() => setOpened(!opened)} dir="auto">
              {value}
            </button>
          </Popover.Target>
          {onRemove !== undefined && (
            <ActionIcon
              size={24}
              aria-label={`Remove the filter by ${label.toLowerCase()}`}
              onClick={onRemove}
            >
              <IconX size={14} stroke={1.5} />
            </ActionIcon>
          )}
        </span>
      )}
      <Popover.Dropdown aria-label={label} p={14}>
        {children(close)}
      </Popover.Dropdown>
    </Popover>
  );
}

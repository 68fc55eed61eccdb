import { UnstyledButton } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import styles from './act-card.module.css';

/** An act that a key does as well, with what comes of it. Locked, it says why instead. */
export function ActCard({
  keyName,
  title,
  detail,
  danger = false,
  chosen = false,
  lockedBecause,
  onClick,
}: {
  /** As it is written on the key: `K`. */
  readonly keyName: string;
  readonly title: string;
  readonly detail: ReactNode;
  readonly danger?: boolean;
  /** What has been decided already. */
  readonly chosen?: boolean;
  readonly lockedBecause?: string | undefined;
  readonly onClick: () => void;
}) {
  const locked = lockedBecause !== undefined;
  return (
    <UnstyledButton
      className={styles.card}
      data-danger={(danger && !locked) || undefined}
      data-chosen={chosen || undefined}
      aria-pressed={chosen || undefined}
      aria-disabled={locked || undefined}
      onClick={locked ? undefined : onClick}
    >
      {locked ? <IconLock size={16} stroke={1.5} aria-hidden /> : <kbd>{keyName}</kbd>}
      <span className="grow">
        <b>{title}</b>
        <span className={styles.detail}>{lockedBecause ?? detail}</span>
      </span>
    </UnstyledButton>
  );
}

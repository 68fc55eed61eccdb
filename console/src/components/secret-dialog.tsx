import { Button, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { Secret } from './copy.tsx';
import styles from './dialog.module.css';

/** A secret that was just made: it is shown this once, and goes away by one button only. */
export function SecretDialog({
  title,
  what,
  value,
  children,
  onClose,
}: {
  readonly title: string;
  /** `token`, `key`, `secret` */
  readonly what: string;
  readonly value: string;
  /** Where it belongs, and how long it lasts. */
  readonly children?: ReactNode;
  readonly onClose: () => void;
}) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <div className={styles.body}>
        <p className={styles.consequence}>
          Copy the {what} now. You won’t be able to see it again! Only a digest of it is kept.
        </p>
        <Secret value={value} what={what} />
        {children}
      </div>
      <div className={styles.footer}>
        <div className="grow" />
        <Button onClick={onClose}>I have copied the {what}</Button>
      </div>
    </Modal>
  );
}

import type { ReactNode } from 'react';
import styles from './marks.module.css';

/** A short fact beside another. Its colour means state, never decoration. */
export function Tag({
  tone,
  children,
  title,
}: {
  readonly tone?: 'success' | 'warning' | 'danger' | 'accent';
  readonly children: ReactNode;
  readonly title?: string;
}) {
  return (
    <span className={styles.tag} data-tone={tone} title={title}>
      {children}
    </span>
  );
}

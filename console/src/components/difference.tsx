import type { ReactNode } from 'react';
import styles from './difference.module.css';

/** What something was and what it is: the old value muted and struck, the new one heavier. */
export function Difference({ before, after }: { readonly before: ReactNode; readonly after: ReactNode }) {
  return (
    <span className={styles.difference}>
      <Before>{before}</Before>
      <span className="arrow muted">→</span>
      <After>{after}</After>
    </span>
  );
}

/** The old value by itself, where old and new stand in columns. */
export function Before({ children }: { readonly children: ReactNode }) {
  return (
    <del className={styles.before} dir="auto">
      {children}
    </del>
  );
}

/** The new value by itself. */
export function After({ children }: { readonly children: ReactNode }) {
  return (
    <ins className={styles.after} dir="auto">
      {children}
    </ins>
  );
}

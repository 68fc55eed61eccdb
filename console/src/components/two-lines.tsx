import type { ReactNode } from 'react';
import styles from './two-lines.module.css';

/** A cell of a list with a second line below: for what has no column of its own where there is no room. */
export function TwoLines({ children, below }: { readonly children: ReactNode; readonly below: ReactNode }) {
  return (
    <span className={styles.lines}>
      <span className="ellipsis">{children}</span>
      <span className="muted small ellipsis">{below}</span>
    </span>
  );
}

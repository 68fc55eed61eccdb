import type { ReactNode } from 'react';
import styles from './empty.module.css';

/** What a place is for while it is empty, one act, one link. */
export function Empty({
  title,
  children,
  act,
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly act?: ReactNode;
}) {
  return (
    <div className={styles.empty}>
      <h2>{title}</h2>
      <p className="muted">{children}</p>
      {act !== undefined && <div className="row">{act}</div>}
    </div>
  );
}

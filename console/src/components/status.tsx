import type { ReactNode } from 'react';
import type { User } from '../api/schema.d.ts';
import styles from './marks.module.css';

export type Shape = 'disc' | 'ring' | 'bar' | 'diamond' | 'square' | 'hollow';

/** A state by shape and word, so that it never depends on colour alone. */
export function Status({ shape, children }: { readonly shape: Shape; readonly children: ReactNode }) {
  return (
    <span className={styles.status} data-shape={shape}>
      {children}
    </span>
  );
}

export const USER_STATUSES: Readonly<Record<User['status'], readonly [Shape, string]>> = {
  active: ['disc', 'Active'],
  pending: ['ring', 'Pending'],
  inactive: ['bar', 'Inactive'],
  deleted: ['hollow', 'Deleted'],
};

export function UserStatus({ status }: { readonly status: User['status'] }) {
  const [shape, word] = USER_STATUSES[status];
  return <Status shape={shape}>{word}</Status>;
}

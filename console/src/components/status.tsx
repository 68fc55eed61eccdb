import type { ReactNode } from 'react';
import type { User } from '../api/schema.d.ts';
import styles from './marks.module.css';

export type Shape = 'disc' | 'ring' | 'bar' | 'diamond' | 'square' | 'hollow';

/** A state by shape and word, so that it never depends on colour alone. */
export function Status({
  shape,
  wraps = false,
  children,
}: {
  readonly shape: Shape;
  /** Long words take a second line where there is no room beside the shape. */
  readonly wraps?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <span className={styles.status} data-shape={shape} data-wraps={wraps || undefined}>
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

import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import styles from './note.module.css';

const ICONS = {
  info: IconInfoCircle,
  success: IconCircleCheck,
  warning: IconAlertTriangle,
  danger: IconAlertTriangle,
};

/** A sentence that must not be missed: one in a view at most. */
export function Note({
  tone = 'info',
  role,
  children,
}: {
  readonly tone?: keyof typeof ICONS;
  readonly role?: 'alert' | 'status';
  readonly children: ReactNode;
}) {
  const Icon = ICONS[tone];
  return (
    <div className={styles.note} data-tone={tone} role={role}>
      <Icon size={16} stroke={1.5} aria-hidden className={styles.icon} />
      <div className="grow">{children}</div>
    </div>
  );
}

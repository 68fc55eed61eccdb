import { ActionIcon } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconX } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useKeys } from '../app/keys.ts';
import styles from './side-panel.module.css';

/** Details beside a list, which stays: position, J and K, what it is, what one can do. */
export function SidePanel({
  label,
  position,
  onPrevious,
  onNext,
  onClose,
  open,
  footer,
  wide = false,
  children,
}: {
  readonly label: string;
  /** `12 of 1,284`. */
  readonly position?: string | undefined;
  readonly onPrevious?: (() => void) | undefined;
  readonly onNext?: (() => void) | undefined;
  readonly onClose: () => void;
  /** The link to the whole page. */
  readonly open?: ReactNode;
  readonly footer?: ReactNode;
  /** For bodies and other wide things. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}) {
  const panel = useRef<HTMLElement>(null);
  const opener = useRef(document.activeElement);
  useKeys({ Escape: onClose });
  useEffect(() => {
    const before = opener.current;
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <aside className={styles.panel} data-side-panel={wide ? 'wide' : 'narrow'} aria-label={label} ref={panel}>
      <div className={styles.head}>
        <span className="muted figures">{position}</span>
        <span className="grow" />
        <ActionIcon aria-label="Previous" onClick={onPrevious} disabled={onPrevious === undefined}>
          <IconChevronUp size={16} stroke={1.5} />
        </ActionIcon>
        <ActionIcon aria-label="Next" onClick={onNext} disabled={onNext === undefined}>
          <IconChevronDown size={16} stroke={1.5} />
        </ActionIcon>
        {open}
        <ActionIcon aria-label="Close the panel" onClick={onClose}>
          <IconX size={16} stroke={1.5} />
        </ActionIcon>
      </div>
      <div className={styles.body}>{children}</div>
      {footer !== undefined && <div className={styles.footer}>{footer}</div>}
    </aside>
  );
}

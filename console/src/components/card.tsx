import { type ReactNode, useId } from 'react';
import styles from './card.module.css';

/** A part of a page with a heading of its own. Cards never stand in cards. */
export function Card({
  title,
  icon,
  beside,
  acts,
  flush = false,
  children,
}: {
  readonly title: string;
  readonly icon?: ReactNode;
  /** A second line beside the heading. */
  readonly beside?: ReactNode;
  readonly acts?: ReactNode;
  /** The content reaches the borders, as a list does. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={styles.card} aria-labelledby={id}>
      <header className={styles.header}>
        {icon}
        <h2 id={id}>{title}</h2>
        {beside !== undefined && <span className="muted small">{beside}</span>}
        <span className="grow" />
        {acts}
      </header>
      <div className={styles.body} data-flush={flush || undefined}>
        {children}
      </div>
    </section>
  );
}

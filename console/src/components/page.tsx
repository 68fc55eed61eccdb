import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { PaletteButton } from '../app/palette-button.tsx';
import { Mark } from './mark.tsx';
import styles from './page.module.css';

/** A page: its heading, what one can do on it, and its content. */
export function Page({
  title,
  parent,
  count,
  beside,
  acts,
  bar,
  fill = false,
  children,
}: {
  readonly title: string;
  /** The list that the page belongs to, above the heading. */
  readonly parent?: { readonly to: string; readonly label: string };
  readonly count?: ReactNode;
  readonly beside?: ReactNode;
  readonly acts?: ReactNode;
  /** A line of filters below the heading. */
  readonly bar?: ReactNode;
  /** The content scrolls by itself, as a table does. */
  readonly fill?: boolean;
  readonly children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Rollcall`;
  }, [title]);
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div className={styles.heading}>
          {parent === undefined && <Mark className={styles.mark} />}
          <div className={styles.title}>
            {parent !== undefined && (
              <nav aria-label="Breadcrumb" className={styles.parent}>
                <Link to={parent.to as never}>{parent.label}</Link> /
              </nav>
            )}
            <div className="row wrap">
              <h1 dir="auto">{title}</h1>
              {count !== undefined && <span className="muted figures">{count}</span>}
              {beside}
            </div>
          </div>
          <PaletteButton />
        </div>
        <span className="grow" />
        <div className={`row wrap ${styles.acts}`}>{acts}</div>
      </header>
      {bar !== undefined && <div className={`filter-line ${styles.bar}`}>{bar}</div>}
      <div className={styles.body} data-fill={fill}>
        {children}
      </div>
    </div>
  );
}

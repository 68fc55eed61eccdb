import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { PaletteButton } from '../app/palette-button.tsx';
import styles from './detail.module.css';

/** The page of one thing: where it belongs, what it is called, its facts, its acts. The header stays between tabs. */
export function DetailPage({
  parent,
  mark,
  title,
  facts,
  acts,
  children,
}: {
  readonly parent: { readonly to: string; readonly label: string };
  /** Stands before the title: a monogram. */
  readonly mark?: ReactNode;
  readonly title: string;
  readonly facts?: ReactNode;
  readonly acts?: ReactNode;
  readonly children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Rollcall`;
  }, [title]);
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div className={styles.whole}>
          {mark}
          <div className={styles.what}>
            <nav aria-label="Breadcrumb" className="small">
              <Link to={parent.to} className={styles.crumb}>
                {parent.label}
              </Link>{' '}
              <span className="muted">/</span>
            </nav>
            <h1 dir="auto" className={styles.title}>
              {title}
            </h1>
            {facts !== undefined && <div className={styles.facts}>{facts}</div>}
          </div>
          <PaletteButton />
        </div>
        <div className="row wrap">{acts}</div>
      </header>
      {children}
    </div>
  );
}

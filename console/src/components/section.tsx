import type { ReactNode } from 'react';
import styles from './section.module.css';

/** A part of a page of settings: what it is about at one side, its fields at the other. */
export function Section({
  title,
  about,
  children,
}: {
  readonly title: string;
  readonly about: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section className={styles.section}>
      <div>
        <h2>{title}</h2>
        <p className="muted small">{about}</p>
      </div>
      <div className="stack">{children}</div>
    </section>
  );
}

import type { ReactNode } from 'react';
import styles from './figures.module.css';

export interface Fact {
  readonly label: string;
  readonly value: ReactNode;
  readonly title?: string;
}

/** A row of large figures with what each of them counts. */
export function Figures({ label, facts }: { readonly label: string; readonly facts: readonly Fact[] }) {
  return (
    <dl className={styles.figures} aria-label={label}>
      {facts.map((fact) => (
        <div key={fact.label} title={fact.title}>
          <dt>{fact.label}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}

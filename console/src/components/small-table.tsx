import type { ReactNode } from 'react';
import styles from './small-table.module.css';

/** A table of few rows, which scrolls sideways where there is no room for it; on a phone each row is a block. */
export function SmallTable({
  caption,
  headers,
  inCard = false,
  children,
}: {
  /** What the table holds, for those who do not see it. */
  readonly caption: string;
  /** An empty one is that of acts. */
  readonly headers: readonly string[];
  /** Reaches the borders of a card. */
  readonly inCard?: boolean;
  /** Its rows. */
  readonly children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
    <section className={styles.scroller} aria-label={`Table: ${caption}`} tabIndex={0}>
      <table
        className={`stacks ${styles.table}`}
        data-in-card={inCard || undefined}
        style={Object.fromEntries(
          headers.map((header, at) => [
            `--header-${at + 1}`,
            header === '' ? 'none' : JSON.stringify(header),
          ]),
        )}
      >
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {headers.map((header) => (
              <th key={header} scope="col">
                {header === '' ? <span className="visually-hidden">Actions</span> : header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

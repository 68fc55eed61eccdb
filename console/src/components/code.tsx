import type { ReactNode } from 'react';
import styles from './code.module.css';
import { CopyButton } from './copy.tsx';

/** What stands in the place of a secret or a personal value. */
const MASK = '[masked]';
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|(\[masked\])/g;

/** @returns JSON with one value a line, other texts as they are */
export function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

/** A text with line numbers: keys in the accent, masked values as chips, the line that was at fault tinted. */
export function Code({
  label,
  text,
  isGuilty,
}: {
  /** What it is: `Request`, `Response`. */
  readonly label: string;
  readonly text: string;
  readonly isGuilty?: (line: string) => boolean;
}) {
  const lines = text.split('\n');
  return (
    <div className={styles.frame}>
      <div className={styles.copy}>
        <CopyButton value={text} what={label} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard */}
      <section className={styles.scroller} aria-label={label} tabIndex={0}>
        <ol className={styles.lines}>
          {lines.map((line, at) => {
            const indent = line.length - line.trimStart().length;
            return (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
                key={at}
                data-guilty={isGuilty?.(line) || undefined}
                style={{ '--indent': `${indent}ch` } as React.CSSProperties}
              >
                <code>{painted(line.trimStart())}</code>
              </li>
            );
          })}
        </ol>
      </section>
    </div>
  );
}

function painted(line: string): ReactNode {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const found of line.matchAll(TOKENS)) {
    const [all, text, colon, bare] = found;
    parts.push(line.slice(end, found.index));
    end = found.index + all.length;
    const key = `${found.index}`;
    if (bare !== undefined) parts.push(mask(key));
    else if (colon !== undefined) {
      parts.push(
        <span key={key} className={styles.key}>
          {text}
        </span>,
        colon,
      );
    } else if (text?.includes(MASK)) {
      const [before, ...after] = text.split(MASK);
      parts.push(before, mask(key), after.join(MASK));
    } else parts.push(text);
  }
  parts.push(line.slice(end));
  return parts;
}

const mask = (key: string) => (
  <span key={key} className={styles.mask}>
    masked
  </span>
);

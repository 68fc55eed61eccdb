import { inLocalTime, Time } from './time.tsx';
import styles from './timeline.module.css';
import { capitalized } from './words.ts';

export interface TimelineEntry {
  readonly id: string;
  readonly at: string;
  readonly sentence: string;
  readonly outcome: 'success' | 'failure';
  /** `activity`: something that was used; anything else: something that changed. */
  readonly kind: string;
}

/** A sentence about what a person did, on their own page: `Ada Admin signed in.` is `Signed in.` there. */
export function withoutSubject(sentence: string, name: string): string {
  if (name === '' || !sentence.startsWith(`${name} `)) return sentence;
  return capitalized(sentence.slice(name.length + 1));
}

/** What happened, newest first: ring for activity, disc for a change, red for a failure. */
export function Timeline({
  entries,
  exact = false,
}: {
  readonly entries: readonly TimelineEntry[];
  /** With the time of day: for what has to be told apart by it. */
  readonly exact?: boolean;
}) {
  return (
    <ol className={styles.timeline}>
      {entries.map(({ id, at, sentence, outcome, kind }) => (
        <li
          key={id}
          data-mark={outcome === 'failure' ? 'failure' : kind === 'activity' ? 'activity' : 'change'}
        >
          <span dir="auto">{inLocalTime(sentence)}</span>{' '}
          <span className={`muted small ${styles.when}`}>
            <Time at={at} form={exact ? 'second' : 'relative'} />
          </span>
        </li>
      ))}
    </ol>
  );
}

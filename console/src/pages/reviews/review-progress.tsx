import type { Review } from '../../api/schema.d.ts';
import { Time } from '../../components/time.tsx';
import styles from './reviews.module.css';

/** How much of a review is decided, and what was decided, as a bar and in words. */
export function ReviewProgress({
  review: { state, progress, mine, dueAt, closedAt },
  compact = false,
  dated = false,
}: {
  readonly review: Pick<Review, 'state' | 'progress' | 'mine' | 'dueAt' | 'closedAt'>;
  /** Without the words below. */
  readonly compact?: boolean;
  /** With the day on which it is due or was closed. */
  readonly dated?: boolean;
}) {
  const { items, expected, decided, keep, changeRole, removeGroup, deactivate } = progress;
  const opening = state === 'opening';
  const whole = Math.max(opening ? expected : items, 1);
  const said = opening
    ? `${items.toLocaleString('en-GB')} of ${expected.toLocaleString('en-GB')} collected`
    : `${decided.toLocaleString('en-GB')} of ${items.toLocaleString('en-GB')} decided${!compact && mine.items > 0 && mine.items < items ? ' in all' : ''}`;
  const parts = opening
    ? [['change', items] as const]
    : ([
        ['keep', keep],
        ['change', changeRole + removeGroup],
        ['end', deactivate],
      ] as const);
  const words = [
    [keep, 'keep'],
    [changeRole, 'change role'],
    [removeGroup, 'leave a group'],
    [deactivate, 'end'],
  ].flatMap(([count, word]) => (count === 0 ? [] : `${count} ${word}`));
  return (
    <div className={styles.progress}>
      <span className="row">
        <b className="grow figures">{said}</b>
        {dated && (
          <span className={state !== 'closed' && new Date(dueAt) < new Date() ? 'danger' : 'muted'}>
            {state === 'closed' ? 'closed' : 'due'}{' '}
            <Time at={state === 'closed' ? closedAt : dueAt} form="date" />
          </span>
        )}
      </span>
      <div className={styles.progressBar} aria-hidden="true">
        {parts.map(([part, count]) => (
          <span key={part} data-part={part} style={{ width: `${(100 * count) / whole}%` }} />
        ))}
      </div>
      {!compact && (
        <span className="muted small figures">{words.join(', ') || 'Nothing is decided yet'}</span>
      )}
    </div>
  );
}

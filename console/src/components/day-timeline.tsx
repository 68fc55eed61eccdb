import styles from './day-timeline.module.css';
import { Tag } from './tag.tsx';
import { inLocalTime, Time } from './time.tsx';
import type { TimelineEntry } from './timeline.tsx';

interface DayEntry extends TimelineEntry {
  readonly detail?: string;
  readonly tags?: readonly string[];
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });

/** What happened, grouped by day, newest first. */
export function DayTimeline({ entries }: { readonly entries: readonly DayEntry[] }) {
  const days = Map.groupBy(entries, ({ at }) => new Date(at).toDateString());
  return (
    <div>
      {[...days.values()].map((day) => (
        <section key={day[0]?.id}>
          <h3 className={styles.day}>{dayFormat.format(new Date(day[0]?.at ?? 0))}</h3>
          <ol>
            {day.map(({ id, at, sentence, outcome, kind, detail, tags = [] }) => (
              <li key={id} className={styles.entry}>
                <span className="muted">
                  <Time at={at} form="clock" />
                </span>
                <span
                  className={styles.mark}
                  data-mark={outcome === 'failure' ? 'failure' : kind === 'activity' ? 'activity' : 'change'}
                >
                  <span className="visually-hidden">{outcome === 'failure' ? 'Failed: ' : ''}</span>
                </span>
                <span dir="auto" className={styles.sentence}>
                  {inLocalTime(sentence)}{' '}
                  {detail !== undefined && detail !== '' && <span className="muted">{detail}</span>}
                </span>
                <span className="row">
                  {tags.map((tag) => (
                    <Tag key={tag}>{tag}</Tag>
                  ))}
                </span>
              </li>
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

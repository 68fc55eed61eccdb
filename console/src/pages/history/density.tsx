import { Button } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useState } from 'react';
import chart from '../../components/activity-chart.module.css';
import { dateOf } from '../../components/time.tsx';
import { counted } from '../../components/words.ts';
import styles from './history.module.css';

const HEIGHT = 34;
const DAY = 86_400_000;
/** The room that the name of a month takes, in pixels. */
const LABEL = 28;
const monthFormat = new Intl.DateTimeFormat('en-GB', { month: 'short', timeZone: 'UTC' });

/** The beginning, then the first day of each month. */
function monthsOf(begin: number, end: number): readonly number[] {
  const first = new Date(begin);
  const [year, month] = [first.getUTCFullYear(), first.getUTCMonth()];
  const starts = [begin];
  for (let at = 1; Date.UTC(year, month + at) < end; at += 1) starts.push(Date.UTC(year, month + at));
  return starts;
}

/** How many changes each day had since history is complete, and which of them lie between the two moments. */
export function Density({
  days,
  since,
  from,
  to,
  onPick,
}: {
  readonly days: readonly { readonly day: string; readonly changes: number }[];
  readonly since: string;
  readonly from: string;
  readonly to: string;
  /** A day that was clicked. */
  readonly onPick: (day: string) => void;
}) {
  const { ref, width } = useElementSize();
  const [asTable, setAsTable] = useState(false);
  const begin = Date.parse(since.slice(0, 10));
  const end = Math.max(Date.now(), begin + DAY);
  const count = Math.ceil((end - begin) / DAY);
  const step = Math.min(Math.max(width, 1) / count, 40);
  const x = (time: number) => Math.min(((time - begin) / DAY) * step, width - 1);
  const most = Math.max(1, ...days.map(({ changes }) => changes));
  const busy = days.filter(({ changes }) => changes > 0).length;
  const total = days.reduce((sum, { changes }) => sum + changes, 0);
  const [left, right] = [x(Date.parse(from)), x(Date.parse(to))];
  const months = monthsOf(begin, end).filter((time, at) => at === 0 || x(time) - x(begin) > LABEL);
  return (
    <figure>
      <figcaption className="row small muted">
        <span className="grow">
          {counted(total, 'change', 'changes')} since {dateOf(since)}, on {counted(busy, 'day', 'days')}.
        </span>
        <Button size="xs" variant="subtle" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'As a chart' : 'As a table'}
        </Button>
      </figcaption>
      <div ref={ref}>
        {asTable ? (
          <div className={chart.table}>
            <table>
              <caption className="visually-hidden">Changes per day</caption>
              <thead>
                <tr>
                  <th scope="col">Day</th>
                  <th scope="col">Changes</th>
                </tr>
              </thead>
              <tbody>
                {days
                  .filter(({ changes }) => changes > 0)
                  .map(({ day, changes }) => (
                    <tr key={day}>
                      <td>
                        <Button size="xs" variant="subtle" onClick={() => onPick(day)}>
                          {dateOf(day)}
                        </Button>
                      </td>
                      <td>{changes}</td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </div>
        ) : (
          // The table has the same for keyboards.
          <svg
            height={HEIGHT + 18}
            className={styles.density}
            aria-hidden="true"
            onClick={(event) => {
              const at = event.clientX - event.currentTarget.getBoundingClientRect().left;
              const time = Math.min(begin + (at / step) * DAY, end);
              onPick(new Date(time).toISOString().slice(0, 10));
            }}
          >
            <rect data-window x={left} y={0} width={Math.max(right - left, 2)} height={HEIGHT} />
            {days.map(({ day, changes }) => {
              const height = changes === 0 ? 0 : Math.max(2, Math.sqrt(changes / most) * (HEIGHT - 4));
              const time = Date.parse(day);
              return (
                <rect
                  key={day}
                  data-within={time + DAY > Date.parse(from) && time < Date.parse(to)}
                  x={x(time) + step * 0.2}
                  y={HEIGHT - height}
                  width={Math.max(step * 0.6, 1)}
                  height={height}
                  rx={1}
                >
                  <title>{`${dateOf(day)}: ${counted(changes, 'change', 'changes')}`}</title>
                </rect>
              );
            })}
            <line x1={left} x2={left} y1={0} y2={HEIGHT} />
            <line x1={right} x2={right} y1={0} y2={HEIGHT} />
            {months.map((time) => (
              <text key={time} x={x(time)} y={HEIGHT + 14}>
                {monthFormat.format(new Date(time))}
              </text>
            ))}
          </svg>
        )}
      </div>
    </figure>
  );
}

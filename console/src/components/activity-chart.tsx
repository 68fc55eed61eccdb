import { Button } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useState } from 'react';
import styles from './activity-chart.module.css';
import { dateOf, dateTime } from './time.tsx';

interface Bucket {
  readonly start: string;
  readonly queries: number;
  readonly averageResponseMs: number | null;
}

const HEIGHT = 150;
const LEFT = 34;
const BOTTOM = 20;

/** The least round number that is not below a value: 1, 2, 5, 10, 20 … */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

/** Queries over time as bars, with the same as a sentence and as a table. */
export function ActivityChart({
  buckets,
  unit,
}: {
  readonly buckets: readonly Bucket[];
  readonly unit: 'hour' | 'day';
}) {
  const { ref, width } = useElementSize();
  const [asTable, setAsTable] = useState(false);
  const total = buckets.reduce((sum, { queries }) => sum + queries, 0);
  const peak = buckets.reduce<Bucket | undefined>(
    (top, bucket) => (bucket.queries > (top?.queries ?? 0) ? bucket : top),
    undefined,
  );
  const written = unit === 'hour' ? dateTime : dateOf;
  const top = roundUp(peak?.queries ?? 1);
  const step = Math.max(width - LEFT, 1) / Math.max(buckets.length, 1);
  const label = Math.max(1, Math.ceil(buckets.length / 8));
  return (
    <figure ref={ref}>
      <figcaption className="row small muted" style={{ marginBottom: 8 }}>
        <span className="grow">
          {total === 0
            ? 'No queries in this time.'
            : `${total.toLocaleString('en-GB')} queries, most at ${written(peak?.start ?? '')}: ${peak?.queries}.`}
        </span>
        <Button size="xs" variant="subtle" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'As a chart' : 'As a table'}
        </Button>
      </figcaption>
      {asTable ? (
        <div className={styles.table}>
          <table>
            <caption className="visually-hidden">Queries per {unit}</caption>
            <thead>
              <tr>
                <th scope="col">{unit === 'hour' ? 'Hour' : 'Day'}</th>
                <th scope="col">Queries</th>
                <th scope="col">Average response</th>
              </tr>
            </thead>
            <tbody>
              {buckets
                .filter(({ queries }) => queries > 0)
                .map(({ start, queries, averageResponseMs }) => (
                  <tr key={start}>
                    <td>{written(start)}</td>
                    <td>{queries}</td>
                    <td>
                      {averageResponseMs === null ? '–' : `${(averageResponseMs / 1_000).toFixed(1)} s`}
                    </td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      ) : (
        <svg width={width} height={HEIGHT + BOTTOM} aria-hidden="true" className={styles.chart}>
          {(top > 1 ? [0, top / 2, top] : [0, top]).map((value) => {
            const y = HEIGHT - (value / top) * (HEIGHT - 10);
            return (
              <g key={value}>
                <line x1={LEFT} x2={width} y1={y} y2={y} />
                <text x={LEFT - 8} y={y + 4} textAnchor="end">
                  {value}
                </text>
              </g>
            );
          })}
          {buckets.map(({ start, queries }, at) => {
            const height = (queries / top) * (HEIGHT - 10);
            return (
              <g key={start}>
                {queries > 0 && (
                  <rect
                    x={LEFT + at * step + step * 0.15}
                    y={HEIGHT - height}
                    width={Math.max(step * 0.7, 1)}
                    height={height}
                    rx={Math.min(1.5, step / 4)}
                  >
                    <title>{`${written(start)}: ${queries}`}</title>
                  </rect>
                )}
                {at % label === 0 && (
                  <text x={LEFT + at * step} y={HEIGHT + 15}>
                    {dateOf(start).replace(/ \d{4}$/, '')}
                  </text>
                )}
              </g>
            );
          })}
        </svg>
      )}
    </figure>
  );
}

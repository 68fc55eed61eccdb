import { Button } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useState } from 'react';
import styles from './activity-chart.module.css';
import chart from './chart.module.css';
import { clockTime, dateOf, dateTime } from './time.tsx';
import { counted } from './words.ts';

interface Bucket {
  readonly start: string;
  readonly queries: number;
  readonly averageResponseMs: number | null;
  /** Between which numbers queries usually are. */
  readonly usual: { readonly low: number; readonly high: number } | null;
}

const HEIGHT = 150;
const LEFT = 34;
const BOTTOM = 20;

/** The least even round number that is not below a value, so that its half is whole, too: 2, 4, 10, 20, 40 … */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return (
    [1, 2, 4, 6, 10].map((step) => step * power).find((step) => step >= value && step % 2 === 0) ?? value
  );
}

/** A peak is pointed out if it is so many times what is usual at most, and has so many queries at least. */
const FAR = 2;
const LEAST_OUTLIER = 20;

const isOutlier = ({ queries, usual }: Bucket): boolean =>
  usual !== null && queries >= LEAST_OUTLIER && queries > usual.high * FAR;

const shown = (count: number): string => count.toLocaleString('en-GB');

const rangeInWords = ({ low, high }: NonNullable<Bucket['usual']>): string =>
  low === high ? shown(low) : `${shown(low)} to ${shown(high)}`;

/** The band in a sentence: from the least to the most that is usual in this time, and how often it was left. */
function usually(buckets: readonly Bucket[], unit: 'hour' | 'day'): string {
  const known = buckets.filter((bucket): bucket is Bucket & { usual: object } => bucket.usual !== null);
  if (known.length === 0) return 'The usual range is known after two weeks.';
  const range = {
    low: Math.min(...known.map(({ usual }) => usual.low)),
    high: Math.max(...known.map(({ usual }) => usual.high)),
  };
  const above = known.filter(({ queries, usual }) => queries > usual.high).length;
  const of = `${above === 0 ? 'none' : shown(above)} of ${shown(known.length)} ${unit}s ${above === 1 ? 'was' : 'were'} above`;
  return `Usually ${rangeInWords(range)} ${unit === 'hour' ? 'an hour' : 'a day'}; ${of}.`;
}

/** Queries over time as bars on a band of what is usual, with the same as a sentence and as a table. */
export function ActivityChart({
  buckets: loaded,
  unit,
}: {
  /** Undefined until they are loaded. */
  readonly buckets: readonly Bucket[] | undefined;
  readonly unit: 'hour' | 'day';
}) {
  const { ref, width } = useElementSize();
  const [asTable, setAsTable] = useState(false);
  const buckets = loaded ?? [];
  const total = buckets.reduce((sum, { queries }) => sum + queries, 0);
  const peak = buckets.reduce<Bucket | undefined>(
    (top, bucket) => (bucket.queries > (top?.queries ?? 0) ? bucket : top),
    undefined,
  );
  const written = unit === 'hour' ? dateTime : dateOf;
  const top = roundUp(Math.max(peak?.queries ?? 1, ...buckets.map(({ usual }) => usual?.high ?? 0)));
  const outlier = peak !== undefined && isOutlier(peak) ? peak : undefined;
  const yOf = (value: number) => HEIGHT - (value / top) * (HEIGHT - 10);
  const step = Math.max(width - LEFT, 1) / Math.max(buckets.length, 1);
  const labels = labelsOf(buckets, unit, Math.min(MOST_LABELS, Math.max(1, Math.floor(width / LABEL_ROOM))));
  return (
    <figure ref={ref}>
      <figcaption className="row small muted" style={{ marginBottom: 8 }}>
        <span className="grow" style={loaded === undefined ? { visibility: 'hidden' } : undefined}>
          {total === 0
            ? 'No queries in this time.'
            : `${counted(total, 'query', 'queries')}, at most ${shown(peak?.queries ?? 0)} ${unit === 'hour' ? 'an hour' : 'a day'} (${written(peak?.start ?? '')}).`}{' '}
          {usually(buckets, unit)}
          {outlier !== undefined && (
            <b className="warning"> {written(outlier.start)} is far above what is usual.</b>
          )}
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
                <th scope="col">Usually</th>
                <th scope="col">Average response</th>
              </tr>
            </thead>
            <tbody>
              {buckets
                .filter(({ queries }) => queries > 0)
                .map(({ start, queries, usual, averageResponseMs }) => (
                  <tr key={start}>
                    <td>{written(start)}</td>
                    <td>{shown(queries)}</td>
                    <td>{usual === null ? '–' : rangeInWords(usual)}</td>
                    <td>
                      {averageResponseMs === null ? '–' : `${(averageResponseMs / 1_000).toFixed(1)} s`}
                    </td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      ) : (
        <svg width={width} height={HEIGHT + BOTTOM} aria-hidden="true" className={chart.chart}>
          {buckets.map(
            ({ start, usual }, at) =>
              usual !== null && (
                <rect
                  key={start}
                  className={chart.band}
                  x={LEFT + at * step}
                  y={yOf(usual.high)}
                  width={step + 0.5}
                  height={Math.max(yOf(usual.low) - yOf(usual.high), 1)}
                />
              ),
          )}
          {[0, top / 2, top].map((value) => {
            const y = yOf(value);
            return (
              <g key={value}>
                <line x1={LEFT} x2={width} y1={y} y2={y} />
                <text x={LEFT - 8} y={y + 4} textAnchor="end">
                  {value}
                </text>
              </g>
            );
          })}
          {buckets.map(({ start, queries, usual }, at) => {
            const height = HEIGHT - yOf(queries);
            return (
              <g key={start}>
                {queries > 0 && (
                  <rect
                    x={LEFT + at * step + step * 0.15}
                    y={HEIGHT - height}
                    width={Math.max(step * 0.7, 1)}
                    height={height}
                    rx={Math.min(1.5, step / 4)}
                    data-outlier={start === outlier?.start || undefined}
                  >
                    <title>{`${written(start)}: ${shown(queries)}${usual === null ? '' : `, usually ${rangeInWords(usual)}`}`}</title>
                  </rect>
                )}
                {labels.has(start) && LEFT + at * step < width - LABEL_WIDTH && (
                  <text x={LEFT + at * step} y={HEIGHT + 15}>
                    {labels.get(start)}
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

const MOST_LABELS = 8;
/** What a label takes with the space beside it, in pixels. */
const LABEL_ROOM = 52;
/** Of the widest label, in pixels: one that would reach over the edge is left away. */
const LABEL_WIDTH = 40;

/** What stands below the bars, by their start: clock times within two days, else days, each once. */
function labelsOf(
  buckets: readonly Bucket[],
  unit: 'hour' | 'day',
  most: number,
): ReadonlyMap<string, string> {
  const isByClock = unit === 'hour' && buckets.length <= 48;
  const candidates =
    unit === 'hour' && !isByClock ? buckets.filter(({ start }) => new Date(start).getHours() === 0) : buckets;
  const every = Math.max(1, Math.ceil(candidates.length / most));
  return new Map(
    candidates
      .filter((_, at) => at % every === 0)
      .map(({ start }) => [start, isByClock ? clockTime(start) : dateOf(start).replace(/ \d{4}$/, '')]),
  );
}

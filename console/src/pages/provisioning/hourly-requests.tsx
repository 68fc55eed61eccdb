import { useElementSize } from '@mantine/hooks';
import type { ScimHealth } from '../../api/schema.d.ts';
import { Card } from '../../components/card.tsx';
import styles from '../../components/chart.module.css';
import { clockTime, dateTime } from '../../components/time.tsx';
import { counted } from '../../components/words.ts';

const HEIGHT = 72;
const BOTTOM = 18;
const EVERY_HOURS = 4;

/** Requests of the last 24 hours as bars, failures on top of them; the same as a table for those who do not see them. */
export function HourlyRequests({ hours }: { readonly hours: ScimHealth['hours'] }) {
  const { ref, width } = useElementSize();
  const most = Math.max(...hours.map(({ requests }) => requests));
  const busiest = hours.find(({ requests }) => requests === most);
  if (busiest === undefined || most === 0) return null;
  const step = Math.max(width, 1) / hours.length;
  const heightOf = (requests: number) => (requests === 0 ? 0 : Math.max((requests / most) * HEIGHT, 1.5));
  return (
    <Card
      title="Requests by hour"
      beside={`Busiest from ${dateTime(busiest.start)}: ${counted(most, 'request', 'requests')} in an hour`}
    >
      <figure ref={ref}>
        <svg width={width} height={HEIGHT + BOTTOM} aria-hidden="true" className={styles.chart}>
          <line x1={0} x2={width} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} />
          {hours.map(({ start, requests, failed }, at) => {
            const [all, wrong] = [heightOf(requests), Math.min(heightOf(failed), heightOf(requests))];
            const place = { x: at * step + step * 0.15, width: step * 0.7 };
            return (
              <g key={start}>
                <title>{`${dateTime(start)}: ${counted(requests, 'request', 'requests')}, ${failed} failed`}</title>
                <rect {...place} y={HEIGHT - all} height={all - wrong} />
                <rect {...place} y={HEIGHT - wrong} height={wrong} className={styles.failed} />
                {at % EVERY_HOURS === 0 && (
                  <text x={at * step} y={HEIGHT + 14}>
                    {clockTime(start)}
                  </text>
                )}
              </g>
            );
          })}
        </svg>
        <table className="visually-hidden">
          <caption>Requests by hour</caption>
          <thead>
            <tr>
              <th scope="col">Hour</th>
              <th scope="col">Requests</th>
              <th scope="col">Failed</th>
            </tr>
          </thead>
          <tbody>
            {hours
              .filter(({ requests }) => requests > 0)
              .map(({ start, requests, failed }) => (
                <tr key={start}>
                  <td>{dateTime(start)}</td>
                  <td>{requests}</td>
                  <td>{failed}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </figure>
    </Card>
  );
}

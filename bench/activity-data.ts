import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import pg from 'pg';
import { ACTIVITY_PARTITIONS } from '../src/activity/store/partitions.ts';
import type { OrgId, UserId } from '../src/directory/ids.ts';
import { DAY_MS, HOUR_MS } from '../src/platform/time.ts';

/** The activity to make. Users are in the order of how much they do: the first is by far the busiest. */
export interface ActivityData {
  readonly org: OrgId;
  readonly users: readonly UserId[];
  readonly events: number;
  readonly days: number;
  readonly now: Date;
}

/** What it became on the disk, with indexes, in bytes. */
export interface ActivitySize {
  readonly events: number;
  readonly hours: number;
}

export const AGENTS = 24;
const RESOURCES = 200;
/** The type of one event in a thousand. */
export const RARE_TYPE = 'export';

/** Events and the hours they are summed up in, with indexes; what is needed beside them while indexes are made. */
const BYTES_OF_EVENT = 420;
const SPARE_BYTES = 8e9;

/** How much is done in each hour of a working day, and on a day of the weekend. */
const PROFILE = [5, 3, 2, 2, 3, 6, 20, 55, 95, 100, 100, 90, 60, 85, 100, 95, 85, 60, 35, 25, 20, 15, 12, 8];
const WEEKEND = 0.15;

/** @throws Error in words if so many events do not fit on the disk of temporary files */
export async function requireSpace(events: number): Promise<void> {
  const { bavail, bsize } = await statfs(tmpdir());
  const needed = events * BYTES_OF_EVENT + SPARE_BYTES;
  if (bavail * bsize >= needed) return;
  const gigabytes = (bytes: number) => `${Math.round(bytes / 1e9)} GB`;
  throw new Error(
    `${events.toLocaleString('en')} events need ${gigabytes(needed)} and ${tmpdir()} has ${gigabytes(bavail * bsize)}: ask for fewer, or set TMPDIR.`,
  );
}

/**
 * Stores events in the order of their time, as applications report them, and sums them up by the hour, a month at a time.
 * A partition is filled before it is attached, which makes the indexes that the migrations ask for.
 * @param onProgress gets the part that is done, 0 to 1, and the month
 */
export async function fillActivity(
  url: string,
  data: ActivityData,
  onProgress: (done: number, month: string) => void,
): Promise<ActivitySize> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Without the check by the foreign key to users, row by row.
    await client.query(`set session_replication_role = replica; set maintenance_work_mem = '1GB';
      set work_mem = '1GB'; set timezone = 'UTC'; set client_min_messages = warning`);
    const hours = hoursOf(data);
    const months = [...new Set(hours.map(({ hour }) => hour.slice(0, 7)))];
    let done = 0;
    for (const month of months) {
      const table = `activity_events_${month.replace('-', '_')}`;
      const first = `${month}-01T00:00:00Z`;
      // In one transaction with the rows, so that a server with `wal_level = minimal` need not log them.
      await client.query('begin');
      await client.query(`drop table if exists ${table}`);
      await client.query(
        `create table ${table} (like activity_events including defaults including constraints) with (${ACTIVITY_PARTITIONS.settings})`,
      );
      const ofMonth = hours.filter(({ hour }) => hour.startsWith(month));
      for (const day of new Set(ofMonth.map(({ hour }) => hour.slice(0, 10)))) {
        const ofDay = ofMonth.filter(({ hour }) => hour.startsWith(day));
        await client.query(insertEvents(table), [
          data.org,
          data.users,
          ofDay.map(({ hour }) => hour),
          ofDay.map(({ count }) => count),
        ]);
        done += ofDay.reduce((sum, { count }) => sum + count, 0);
        onProgress((done / data.events) * 0.95, month);
      }
      await client.query(
        `alter table activity_events attach partition ${table} for values from ('${first}') to (timestamptz '${first}' + interval '1 month')`,
      );
      for (const statement of sumUp(table)) await client.query(statement);
      await client.query('commit');
      await client.query(`vacuum (analyze) ${table}`);
    }
    await client.query(
      'vacuum (analyze) activity_user_hours, activity_user_days, activity_agent_hours, activity_resource_hours',
    );
    await client.query('analyze activity_events');
    // All days are made here, and so are known.
    await client.query(`update activity_user_days_since set day = '2000-01-01'`);
    await client.query('checkpoint');
    onProgress(1, 'all months');
    const { rows } = await client.query(SIZE);
    return { events: Number(rows[0]?.events), hours: Number(rows[0]?.hours) };
  } finally {
    await client.end();
  }
}

/** The hours of the span, the oldest first, with how many events each has. */
function hoursOf({ events, days, now }: ActivityData): { readonly hour: string; readonly count: number }[] {
  const end = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  const times = Array.from(
    { length: days * 24 },
    (_, hour) => new Date(end - days * DAY_MS + hour * HOUR_MS),
  );
  const weights = times.map(
    (time) => (PROFILE[time.getUTCHours()] as number) * ([0, 6].includes(time.getUTCDay()) ? WEEKEND : 1),
  );
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let [reached, given] = [0, 0];
  return times.map((time, index) => {
    reached += weights[index] as number;
    const count = Math.round((reached / all) * events) - given;
    given += count;
    return { hour: time.toISOString(), count };
  });
}

/** Of a hundred events one is of the busiest user; others have an agent of their own for most of what they do. */
const insertEvents = (table: string) => `insert into ${table}
    (org_id, id, at, user_id, type, agent, resource, response_ms, ip)
  select $1::uuid, gen_random_uuid(), at, ($2::uuid[])[1 + k], type,
    'Agent ' || case when k = 0 or a > 0.97 then floor(b * ${AGENTS})::int
      else (k + case when a > 0.9 then 7 when a > 0.7 then 3 else 0 end) % ${AGENTS} end,
    case when type <> 'query' or b < 0.05 then 'Resource ' || floor(power(c, 2) * ${RESOURCES})::int end,
    200 + (4000 * c * c)::int, inet '10.0.0.0' + k
  from (
    select h.hour + n * (interval '1 hour' / (h.count + 1)) as at,
      case when random() < 0.01 then 0 else floor(power(random(), 1.5) * cardinality($2::uuid[]))::int end as k,
      case when t < 0.9 then 'query' when t < 0.999 then 'resource_access' else '${RARE_TYPE}' end as type, a, b, c
    from unnest($3::timestamptz[], $4::int[]) as h (hour, count),
      lateral (select n, random() as t, random() as a, random() as b, random() as c
        from generate_series(1, h.count) as n) as one
  ) as event`;

/** Rows of hours come in the order of the hours, as from batches. */
const sumUp = (table: string): readonly string[] => {
  const figures = `count(*), count(*) filter (where type = 'query'), coalesce(sum(response_ms), 0), count(response_ms)
    from ${table}`;
  const hour = `date_trunc('hour', at, 'UTC')`;
  return [
    `insert into activity_user_hours select org_id, user_id, ${hour}, coalesce(agent, ''), ${figures}
      group by 1, 2, 3, 4 order by 3, 2, 4`,
    `insert into activity_user_days select org_id, user_id, (at at time zone 'UTC')::date, ${figures}
      group by 1, 2, 3 order by 3, 2`,
    `insert into activity_agent_hours select org_id, ${hour}, coalesce(agent, ''), ${figures}
      group by 1, 2, 3 order by 2, 3`,
    `insert into activity_resource_hours select org_id, ${hour}, resource, ${figures} where resource is not null
      group by 1, 2, 3 order by 2, 3`,
  ];
};

const SIZE = `select (select sum(pg_total_relation_size(inhrelid)) from pg_inherits
      where inhparent = 'activity_events'::regclass) as events,
    pg_total_relation_size('activity_user_hours') + pg_total_relation_size('activity_user_days')
      + pg_total_relation_size('activity_agent_hours')
      + pg_total_relation_size('activity_resource_hours') as hours`;

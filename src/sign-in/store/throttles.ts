import type { Executor, Statement } from '../../platform/db/statement.ts';

const throttle: Statement = {
  name: 'throttle-hit',
  text: `insert into throttles (key, hits, resets_at)
    select key, $2, $3::timestamptz + make_interval(secs => $4) from unnest($1::bytea[]) as key order by key
    on conflict (key) do update set
      hits = case when throttles.resets_at <= $3 then $2 else throttles.hits + $2 end,
      resets_at = case when throttles.resets_at <= $3 then excluded.resets_at else throttles.resets_at end
    returning key, hits, resets_at as "resetsAt"`,
};

/** How often a key was hit since its window began. */
export interface Throttled {
  readonly key: Buffer;
  readonly hits: number;
  readonly resetsAt: string;
}

/** Counts a hit of each key. @param window seconds */
export function hitThrottles(
  db: Executor,
  keys: readonly Buffer[],
  hits: number,
  at: string,
  window: number,
): Promise<Throttled[]> {
  return db.query<Throttled>(throttle, [keys, hits, at, window]);
}

const read: Statement = {
  name: 'throttle-read',
  text: `select key, hits, resets_at as "resetsAt" from throttles where key = any($1::bytea[]) and resets_at > $2`,
};

/** How often keys were hit in windows that are still open. @param at ISO 8601 */
export function findThrottles(db: Executor, keys: readonly Buffer[], at: string): Promise<Throttled[]> {
  return db.query<Throttled>(read, [keys, at]);
}

const clear: Statement = {
  name: 'throttle-clear',
  text: 'delete from throttles where key = any($1::bytea[])',
};

export async function clearThrottles(db: Executor, keys: readonly Buffer[]): Promise<void> {
  await db.query(clear, [keys]);
}

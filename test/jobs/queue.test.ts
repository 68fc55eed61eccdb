import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import { z } from 'zod';
import type { Database } from '../../src/platform/db/database.ts';
import { uuidv7 } from '../../src/platform/ids.ts';
import {
  defineJob,
  defineSchedule,
  type JobKind,
  PermanentFailure,
} from '../../src/platform/jobs/job-kind.ts';
import {
  claimJobs,
  completeJob,
  failJob,
  type Job,
  mendSchedules,
  renewLeases,
  scheduleJob,
} from '../../src/platform/jobs/queue.ts';
import { startWorker, type Worker } from '../../src/platform/jobs/worker.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

const RETRY = { attempts: 5, days: 3, firstWaitSeconds: 10, longestWaitSeconds: 100 };
const DAY = 86_400_000;

let rollcall: TestRollcall;
let db: Database;
let clock = Date.UTC(2026, 10, 1);
const now = () => new Date(clock);
const workers: Worker[] = [];

beforeAll(async () => {
  rollcall = await startRollcall();
  ({ db } = rollcall.rollcall);
});
afterAll(() => rollcall.close());
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await db.search('delete from jobs', []);
});

const kind = (name: string, handle: Parameters<typeof defineJob>[0]['handle'], more: object = {}): JobKind =>
  defineJob({ name, payload: z.object({}), retry: RETRY, handle, ...more });
const add = (name: string, at = now()) =>
  db.search('insert into jobs (id, kind, due_at, created_at, queued_at) values ($1, $2, $3, $3, $3)', [
    uuidv7(),
    name,
    at,
  ]);
const claim = async (name: string): Promise<Job | undefined> =>
  (await claimJobs(db, 'a worker', new Map([[name, 1]]), now()))[0];
/** Lets the lease of a job come nearer to its end. */
const pass = (name: string, seconds: number) =>
  db.search('update jobs set leased_until = leased_until - make_interval(secs => $2) where kind = $1', [
    name,
    seconds,
  ]);
interface Row {
  readonly due_at: string;
  readonly dead_at: string | null;
  readonly last_error: string | null;
  readonly attempts: number;
}
const row = async (name: string) => (await db.search<Row>('select * from jobs where kind = $1', [name]))[0];
const start = async (kinds: readonly JobKind[], log = pino({ level: 'silent' })) => {
  const named = new Map(kinds.map((each) => [each.name, each]));
  const worker = await startWorker({ db, kinds: named, now, log }, rollcall.databaseUrl);
  workers.push(worker);
  return worker;
};
const until = async (holds: () => boolean | Promise<boolean>, timeoutMs = 5_000) => {
  const end = performance.now() + timeoutMs;
  while (!(await holds()) && performance.now() < end) await delay(10);
  expect(await holds()).toBe(true);
};

describe('a job that fails', () => {
  test('waits longer each time and is dead after the attempts of its policy, with the reason', async () => {
    const failing = kind('failing', async () => {});
    await add('failing');
    for (const longest of [10, 20, 40, 80]) {
      const job = (await claim('failing')) as Job;
      expect(await failJob(db, job, failing, new Error('Not now.'), now())).toBe(false);
      const wait = (Date.parse((await row('failing'))?.due_at ?? '') - clock) / 1_000;
      expect(wait).toBeGreaterThanOrEqual(longest / 2);
      expect(wait).toBeLessThanOrEqual(longest * 1.5);
      expect(await claim('failing')).toBeUndefined();
      clock += 2 * longest * 1_000;
    }
    const last = (await claim('failing')) as Job;
    expect(await failJob(db, last, failing, new Error('Never.'), now())).toBe(true);
    clock += DAY;
    expect(await claim('failing')).toBeUndefined();
    expect(await row('failing')).toMatchObject({ attempts: 5, last_error: 'Never.' });
    expect((await row('failing'))?.dead_at).not.toBeNull();
  });

  test('is dead after the days of its policy', async () => {
    const failing = kind('old', async () => {});
    await add('old');
    clock += 3 * DAY;
    expect(await failJob(db, (await claim('old')) as Job, failing, new Error('No.'), now())).toBe(true);
  });

  test('permanently is dead immediately, and its reason contains no mail address', async () => {
    const failing = kind('rejected', async () => {});
    await add('rejected');
    const failure = new PermanentFailure('550 5.1.1 <ann@acme.example> is unknown');
    expect(await failJob(db, (await claim('rejected')) as Job, failing, failure, now())).toBe(true);
    expect((await row('rejected'))?.last_error).toBe('550 5.1.1 <(address)> is unknown');
  });

  test('never dies if it is scheduled, and comes back within a minute and a half', async () => {
    const scheduled = kind('scheduled', async () => {}, { everySeconds: 2 });
    await scheduleJob(db, 'scheduled', 2, now());
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const job = (await claim('scheduled')) as Job;
      expect(await failJob(db, job, scheduled, new PermanentFailure('Broken.'), now())).toBe(false);
      clock += 90_000;
    }
    await completeJob(db, (await claim('scheduled')) as Job, undefined, now());
    expect(Date.parse((await row('scheduled'))?.due_at ?? '')).toBe(clock + 2_000);
  });

  test('is dead if its process ended at each attempt', async () => {
    let runs = 0;
    await add('poison');
    await db.search('update jobs set attempts = 5 where kind = $1', ['poison']);
    await start([
      kind('poison', async () => {
        runs += 1;
      }),
    ]);
    await until(async () => (await row('poison'))?.dead_at !== null);
    expect(runs).toBe(0);
  });
});

describe('a clock that goes back an hour', () => {
  test('does not pause schedules for an hour, nor bring a failed one back earlier than within a minute', async () => {
    const start = clock;
    await scheduleJob(db, 'each minute', 60, now());
    await completeJob(db, (await claim('each minute')) as Job, undefined, now());
    const failing = kind('failing', async () => {}, { everySeconds: 15 });
    await scheduleJob(db, 'failing', 15, now());
    clock -= 3_600_000;
    await mendSchedules(db, ['each minute'], now());
    expect(Date.parse((await row('each minute'))?.due_at ?? '')).toBe(clock + 60_000);
    clock += 60_000;
    expect(await claim('each minute')).toBeDefined();
    clock = start;
    await failJob(db, (await claim('failing')) as Job, failing, new Error('Away.'), now());
    const waits = (await row('failing'))?.due_at;
    await mendSchedules(db, ['failing'], now());
    expect((await row('failing'))?.due_at).toBe(waits);
  });

  test('is made up for by a worker that starts', async () => {
    let runs = 0;
    const schedule = defineSchedule('ticking', 60, async () => {
      runs += 1;
    });
    await start([schedule]);
    await until(() => runs === 1);
    await workers.pop()?.stop();
    clock -= 3_600_000;
    await start([schedule]);
    clock += 61_000;
    await until(() => runs === 2);
  });
});

test('a job that is requested again while it runs is due immediately when it ends', async () => {
  await add('again');
  const job = (await claim('again')) as Job;
  await db.search('update jobs set revision = revision + 1 where kind = $1', ['again']);
  await completeJob(db, job, undefined, now());
  expect(await claim('again')).toMatchObject({ id: job.id });
});

describe('a lease', () => {
  test('keeps other workers away until it ends, and its former holder then writes nothing', async () => {
    await add('leased');
    const first = (await claim('leased')) as Job;
    await pass('leased', 14);
    expect(await claim('leased')).toBeUndefined();
    await pass('leased', 2);
    const second = (await claim('leased')) as Job;
    expect(second.attempts).toBe(2);
    await completeJob(db, first, undefined, now());
    await failJob(
      db,
      first,
      kind('leased', async () => {}),
      new Error('Too late.'),
      now(),
    );
    expect(await row('leased')).toMatchObject({ leased_by: second.leasedBy, last_error: null });
    expect(await renewLeases(db, 'a worker', [first.leasedBy])).toEqual(new Set());
    expect(await renewLeases(db, 'a worker', [first.leasedBy, second.leasedBy])).toEqual(
      new Set([second.leasedBy]),
    );
    await completeJob(db, second, undefined, now());
    expect(await row('leased')).toBeUndefined();
  });

  test('is not cut short by a worker whose clock is five minutes ahead', async () => {
    await add('skewed');
    const job = (await claim('skewed')) as Job;
    const ahead = new Date(clock + 300_000);
    expect(await claimJobs(db, 'a fast worker', new Map([['skewed', 1]]), ahead)).toEqual([]);
    expect(await renewLeases(db, 'a worker', [job.leasedBy])).toEqual(new Set([job.leasedBy]));
  });

  test('ends in time although the clock of its worker was five minutes ahead', async () => {
    await add('skewed');
    await claimJobs(db, 'a fast worker', new Map([['skewed', 1]]), new Date(clock + 300_000));
    await pass('skewed', 16);
    expect(await claim('skewed')).toMatchObject({ attempts: 2 });
  });

  test('is renewed by heartbeats', async () => {
    await add('renewed');
    const job = (await claim('renewed')) as Job;
    for (let beat = 0; beat < 5; beat += 1) {
      await pass('renewed', 10);
      await renewLeases(db, 'a worker', [job.leasedBy]);
      expect(await claim('renewed')).toBeUndefined();
    }
  });

  test('that is lost breaks the run off', async () => {
    let reason: unknown;
    await add('lost');
    await start([
      kind(
        'lost',
        (_payload, { signal }) =>
          new Promise<void>((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              reason = signal.reason;
              reject(signal.reason);
            });
          }),
      ),
    ]);
    await until(async () => (await row('lost'))?.attempts === 1);
    await db.search(`update jobs set leased_by = 'another', leased_until = now() + interval '1 day'`, []);
    await until(() => reason !== undefined, 8_000);
    expect(await row('lost')).toMatchObject({ attempts: 1, last_error: null });
  });

  test('is given to one of two workers that claim concurrently', async () => {
    for (let count = 0; count < 50; count += 1) await add('shared');
    const slots = new Map([['shared', 30]]);
    const claimed = await Promise.all([
      claimJobs(db, 'one', slots, now()),
      claimJobs(db, 'two', slots, now()),
    ]);
    const ids = claimed.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThanOrEqual(30);
  });
});

describe('a worker', () => {
  test('begins a job well under a second after its commit', async () => {
    let ranAt = 0;
    await start([
      kind('prompt', async () => {
        ranAt = performance.now();
      }),
    ]);
    await delay(500);
    for (let round = 0; round < 3; round += 1) {
      ranAt = 0;
      const began = performance.now();
      await add('prompt');
      await until(() => ranAt !== 0);
      expect(ranAt - began).toBeLessThan(500);
    }
  });

  test('runs jobs of other kinds while those of one kind hang', async () => {
    const hang = new AbortController();
    let ran = 0;
    for (let count = 0; count < 5; count += 1) await add('hanging');
    await start([
      kind(
        'hanging',
        (_payload, { signal }) =>
          delay(60_000, undefined, { signal: AbortSignal.any([signal, hang.signal]) }),
        {
          concurrency: 2,
        },
      ),
      kind('quick', async () => {
        ran += 1;
      }),
    ]);
    await delay(200);
    await add('quick');
    await until(() => ran === 1, 1_000);
    hang.abort();
  });

  test('respects the concurrency of a kind, however many jobs are due', async () => {
    let [running, most] = [0, 0];
    const handle = async () => {
      running += 1;
      most = Math.max(most, running);
      await delay(300);
      running -= 1;
    };
    await start([kind('limited', handle, { concurrency: 2 })]);
    for (let count = 0; count < 6; count += 1) {
      await add('limited');
      await delay(30);
    }
    await until(async () => (await row('limited')) === undefined);
    expect(most).toBe(2);
  });

  test('that stops gives back what does not end within seconds, without an attempt', async () => {
    await add('endless');
    const worker = await start([
      kind('endless', (_payload, { signal }) => delay(60_000, undefined, { signal })),
    ]);
    await until(async () => (await row('endless'))?.attempts === 1);
    const began = performance.now();
    await worker.stop();
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(await row('endless')).toMatchObject({ attempts: 0, leased_by: null, dead_at: null });
  });

  test('does a job once though the database is away for a moment when the job has succeeded', async () => {
    await db.search('create sequence job_ends', []);
    await db.search(
      `create function end_connection() returns trigger language plpgsql as $$ begin
        if nextval('job_ends') < 3 then raise exception 'away' using errcode = '57P01'; end if;
        return old;
      end $$`,
      [],
    );
    await db.search(
      `create trigger away before update or delete on jobs for each row
        when (old.kind = 'sent' and old.leased_by is not null) execute function end_connection()`,
      [],
    );
    try {
      let runs = 0;
      await add('sent');
      await start([
        kind('sent', async () => {
          runs += 1;
        }),
      ]);
      await until(async () => (await row('sent')) === undefined, 8_000);
      expect(runs).toBe(1);
    } finally {
      await db.search('drop trigger away on jobs', []);
      await db.search('drop function end_connection', []);
      await db.search('drop sequence job_ends', []);
    }
  });

  test('reports jobs of unknown kinds', async () => {
    const lines: string[] = [];
    await add('from_the_future');
    await start([], pino({ level: 'error' }, { write: (line: string) => lines.push(line) }));
    await until(() => lines.length > 0);
    expect(JSON.parse(lines[0] as string)).toMatchObject({ kind: 'from_the_future', jobs: 1 });
  });

  test('does not run a job without the declared payload: it is dead immediately', async () => {
    await add('shaped');
    await start([
      defineJob({
        name: 'shaped',
        payload: z.object({ id: z.string() }),
        retry: RETRY,
        handle: async () => {},
      }),
    ]);
    await until(async () => (await row('shaped'))?.dead_at !== null);
    expect((await row('shaped'))?.last_error).toBe('The payload is not one of shaped.');
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { packageRoot } from '../../src/platform/package-root.ts';
import { mailsTo, signInAsOwner, type TestUser } from '../support/admin.ts';
import { builtProgram } from '../support/cli.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

const root = packageRoot(import.meta.url);
const secretKey = randomBytes(32);
const HEADER = 'email,name,role,groups';
let rollcall: TestRollcall;
let owner: TestUser;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-crash-'));
  rollcall = await startRollcall({ secretKey });
  // The other process puts its mails there, too.
  symlinkSync(rollcall.outbox, join(folder, 'outbox'));
  owner = await signInAsOwner(rollcall, await rollcall.organization());
  await owner.post('/groups', { name: 'Sales Team' });
});
afterAll(async () => {
  await rollcall.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = <Row extends object>(sql: string, ...values: unknown[]) =>
  rollcall.rollcall.db.search<Row>(sql, values);

/** Uploads so many users and confirms. @returns the import's id */
async function confirmed(name: string, count: number): Promise<string> {
  const rows = Array.from({ length: count }, (_, at) => `${name}-${at}@rollcall.example,,train,Sales Team`);
  const { body } = await owner
    .post('/imports')
    .set('Content-Type', 'text/csv')
    .send([HEADER, ...rows].join('\n') as never);
  expect((await owner.post(`/imports/${body.id}/confirm`)).status).toBe(202);
  return body.id as string;
}

const progressOf = async (id: string) => (await owner.get(`/imports/${id}`)).body.progress.done as number;

/** What there is of users: each must be there as often as the file has rows. */
async function countOf(name: string) {
  const [counts] = await ask(
    `with u as (select org_id, id from users where email like $1)
    select (select count(*) from u) as people,
      (select count(*) from invitations i join u on u.org_id = i.org_id and u.id = i.user_id) as invitations,
      (select count(*) from group_members m join u on u.org_id = m.org_id and u.id = m.user_id) as memberships,
      (select count(*) from events e join u on u.org_id = e.org_id and u.id = e.target_id
        where e.action = 'user.invited') as events`,
    `${name}-%`,
  );
  return counts;
}

/** The server itself, as a process that only works in the background. */
function startWorkerProcess(): ChildProcess {
  return spawn(process.execPath, [builtProgram('main.ts')], {
    cwd: root,
    stdio: 'ignore',
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      ROLE: 'worker',
      PORT: '0',
      DATABASE_URL: rollcall.databaseUrl,
      SECRET_KEY: secretKey.toString('base64'),
      DATA_DIR: folder,
    },
  });
}

describe('R31: an import continues after a crash', () => {
  test('of a worker that is killed halfway: no one twice, no one lost, one mail each', async () => {
    const rows = 90;
    const id = await confirmed('crash', rows);
    const worker = startWorkerProcess();
    const dead = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    while ((await progressOf(id)) < 10) await delay(2);
    worker.kill('SIGKILL');
    await dead;
    // A commit that was on its way to Postgres is still a commit.
    await delay(200);
    const done = await progressOf(id);
    expect(done).toBeGreaterThanOrEqual(10);
    expect(done).toBeLessThan(rows);
    expect(await countOf('crash')).toEqual({
      people: done,
      invitations: done,
      memberships: done,
      events: done,
    });

    // Until the dead worker's lease ends, no other user takes the job.
    await rollcall.rollcall.runDueJobsOnce();
    expect(await progressOf(id)).toBe(done);
    await ask(`update jobs set leased_until = now() - interval '1 second'`);
    await rollcall.rollcall.runDueJobsOnce();
    expect((await owner.get(`/imports/${id}`)).body).toMatchObject({
      state: 'done',
      counts: { add: rows, skip: 0, error: 0, update: 0 },
      progress: { done: rows, total: rows },
    });
    expect(await countOf('crash')).toEqual({
      people: rows,
      invitations: rows,
      memberships: rows,
      events: rows,
    });
    for (const at of [0, done - 1, done, rows - 1]) {
      expect(await mailsTo(rollcall, `crash-${at}@rollcall.example`)).toHaveLength(1);
    }
    expect(await mailsTo(rollcall, '@rollcall.example')).toHaveLength(rows);
    const finished = await ask(`select from events where action = 'import.finished' and target_id = $1`, id);
    expect(finished).toHaveLength(1);
  });

  test('of more rows than one job carries out: several jobs, and mails between them', async () => {
    const rows = 250;
    const id = await confirmed('batch', rows);
    const states: number[] = [];
    const jobs = async () =>
      (await ask<{ id: string }>(`select id from jobs where kind = 'run_import'`)).map((job) => job.id);
    const seen = new Set(await jobs());
    const working = rollcall.rollcall.runDueJobsOnce();
    let over = false;
    void working.finally(() => {
      over = true;
    });
    while (!over) {
      for (const job of await jobs()) seen.add(job);
      states.push(await progressOf(id));
      await delay(5);
    }
    await working;
    expect(seen.size).toBe(3);
    expect(states).toEqual([...states].sort((left, right) => left - right));
    expect(await countOf('batch')).toMatchObject({ people: rows, invitations: rows });
    expect(await jobs()).toEqual([]);
  });
});

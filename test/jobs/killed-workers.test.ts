import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { packageRoot } from '../../src/platform/package-root.ts';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { builtProgram } from '../support/cli.ts';
import { runSql } from '../support/postgres.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const root = packageRoot(import.meta.url);
const secretKey = randomBytes(32);
const USERS = 30_000;
const EVENTS = 30_000;
const PEOPLE = 10_000;

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let folder: string;
let worker: ChildProcess | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-killed-'));
  rollcall = await startRollcall({ secretKey });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterEach(() => void worker?.kill('SIGKILL'));
afterAll(async () => {
  await rollcall.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The first column of the first row, a number. */
async function numberOf(sql: string): Promise<number> {
  const [row] = await rollcall.rollcall.db.search<{ n: number }>(
    sql.replaceAll('$org', `'${organization.org}'`),
    [],
  );
  return Number(row?.n);
}

/** Starts a process that only works in the background, and kills it as soon as its work is halfway. */
async function killHalfway(isHalfway: () => Promise<boolean>): Promise<void> {
  await rollcall.rollcall.db.search(
    `update jobs set due_at = now(), leased_until = now() where every_seconds is not null`,
    [],
  );
  worker = spawn(process.execPath, [builtProgram('main.ts')], {
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
  const dead = new Promise<void>((resolve) => worker?.once('exit', () => resolve()));
  const end = Date.now() + 30_000;
  while (!(await isHalfway()) && Date.now() < end) await delay(2);
  worker.kill('SIGKILL');
  await dead;
  // A commit that was on its way to Postgres is still a commit.
  await delay(200);
}

/** Another worker takes over once the leases of the dead one have ended. */
async function takeOver(): Promise<void> {
  await rollcall.rollcall.db.search(`update jobs set leased_until = now() - interval '1 second'`, []);
  await rollcall.rollcall.runDueJobsOnce();
}

const insertEvents = (action: string, target: string, ip: string) =>
  runSql(
    rollcall.databaseUrl,
    `insert into events (org_id, id, at, action, outcome, actor_type, actor_id, via, target_type, target_id, ip, user_agent)
      select '${organization.org}', (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
          || substring(replace(gen_random_uuid()::text, '-', ''), 14))::uuid,
        now(), '${action}', 'success', 'user', '${owner.id}', 'sign_in', '${target}', '${owner.id}', '${ip}', 'Firefox'
      from generate_series(1, ${EVENTS})`,
  );

describe('a worker that is killed in the middle of', () => {
  test('the beginning of history leaves each state there once, and the next one goes on', async () => {
    await runSql(
      rollcall.databaseUrl,
      `set session_replication_role = replica;
      insert into users (org_id, id, user_name, user_name_key, status, role, source, created_at, updated_at, profile)
        select '${organization.org}', gen_random_uuid(), 'u' || n, 'u' || n, 'active', 'readonly', 'scim', now(), now(), '{}'
        from generate_series(1, ${USERS}) n;
      delete from history;
      update history_marks set complete_since = null, stage = 0`,
    );
    const copied = () => numberOf('select count(*) as n from history where org_id = $org');
    await killHalfway(async () => (await copied()) >= 2_000);
    expect(await copied()).toBeLessThan(USERS);
    expect((await owner.get(`/users?asOf=${new Date().toISOString()}`)).body.code).toBe('history_incomplete');
    await takeOver();
    const [counts] = await rollcall.rollcall.db.search(
      `select count(*)::integer as rows, count(distinct user_id)::integer as users from history
        where org_id = $1 and kind = 'user'`,
      [organization.org],
    );
    expect(counts).toEqual({ rows: USERS + 1, users: USERS + 1 });
    expect((await owner.get('/history')).body.completeSince).not.toBeNull();
  });

  test('sealing leaves no event out and seals none twice', async () => {
    await insertEvents('user.updated', 'user', '192.0.2.1');
    const sealed = () => numberOf('select coalesce(sum(rows), 0) as n from event_seals where org_id = $org');
    const before = await sealed();
    await killHalfway(async () => (await sealed()) > before);
    expect(await sealed()).toBeLessThan(before + EVENTS);
    await rollcall.rollcall.sealEvents();
    const verified = (await owner.get('/audit/verify')).body;
    const all = await numberOf('select count(*) as n from events where org_id = $org');
    expect(verified).toMatchObject({ ok: true, events: all, next: null });
  });

  test('a detector counts each sign-in once', async () => {
    await rollcall.rollcall.watchForAlerts();
    const counted = () =>
      numberOf(
        `select coalesce(sum(sign_ins), 0) as n from known_networks where org_id = $org and network like '198.51.100%'`,
      );
    await insertEvents('session.started', 'session', '198.51.100.7');
    await killHalfway(async () => (await counted()) > 0);
    expect(await counted()).toBeLessThan(EVENTS);
    await rollcall.rollcall.watchForAlerts();
    expect(await counted()).toBe(EVENTS);
  });

  test('settling a group by its pattern adds each person once, and the next one goes on', async () => {
    await runSql(
      rollcall.databaseUrl,
      `set session_replication_role = replica;
      insert into users (org_id, id, user_name, user_name_key, email, email_key, status, role, source, created_at, updated_at, profile)
        select '${organization.org}', gen_random_uuid(), name, name, name, name, 'active', 'readonly', 'scim', now(), now(), '{}'
        from generate_series(1, ${PEOPLE}) n cross join lateral (select 'p' || n || '@killed.example' as name) named`,
    );
    const body = { name: 'Killed', autoAssignPattern: '*@killed.example' };
    const { id } = (await owner.post('/groups', body).expect(201)).body;
    const added = () => numberOf(`select count(*) as n from group_members where group_id = '${id}'`);
    const progress = async () =>
      (await owner.get('/jobs?kind=settle_group')).body.data.map((job: { progress: number }) => job.progress);
    await killHalfway(async () => (await added()) >= 2_000);
    expect(await added()).toBeLessThan(PEOPLE);
    expect((await progress())[0]).toBeGreaterThan(0);
    await takeOver();
    expect(await added()).toBe(PEOPLE);
    expect(await progress()).toEqual([]);
    expect(
      await numberOf(
        `select count(*) as n from events where org_id = $org and target_id = '${id}' and action = 'group.member_added'`,
      ),
    ).toBe(PEOPLE);
  });

  test('a bundle leaves one that the next worker makes anew, whole', async () => {
    const { id } = (await owner.post('/history/bundles', {}).expect(202)).body;
    const pieces = () =>
      numberOf(`select count(*) as n from history_bundle_pieces where bundle_id = '${id}'`);
    await killHalfway(async () => (await pieces()) > 0);
    expect((await owner.get(`/history/bundles/${id}`)).body.state).toBe('running');
    await takeOver();
    const { body } = await owner.get(`/history/bundles/${id}`).expect(200);
    expect(body.state).toBe('done');
    const rows = await rollcall.rollcall.db.search<{ bytes: Buffer }>(
      'select bytes from history_bundle_pieces where bundle_id = $1 order by n',
      [id],
    );
    const whole = Buffer.concat(rows.map(({ bytes }) => bytes));
    expect([whole.length, createHash('sha256').update(whole).digest('hex')]).toEqual([
      body.bytes,
      body.sha256,
    ]);
  });
});

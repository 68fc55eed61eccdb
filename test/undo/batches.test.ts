import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { packageRoot } from '../../src/platform/package-root.ts';
import { joins, PASSWORD, signIn, signInAsOwner, type TestUser } from '../support/admin.ts';
import { builtProgram } from '../support/cli.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { directoryOf, type Undo } from './directory.ts';

const secretKey = randomBytes(32);
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let okta: ReturnType<typeof directoryOf>;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-undo-'));
  rollcall = await startRollcall({ secretKey });
  symlinkSync(rollcall.outbox, join(folder, 'outbox'));
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  okta = directoryOf(rollcall, organization);
});
afterAll(async () => {
  await rollcall.close();
  rmSync(folder, { recursive: true, force: true });
});

const user = async (id: string) => (await owner.get(`/users/${id}`)).body;
const undoOf = async (body: object, by = owner): Promise<Undo> => {
  const answer = await by.post('/undos', body);
  expect([answer.status, answer.body.code]).toEqual([201, undefined]);
  return answer.body;
};

/** The server itself, as a process that only works in the background. */
function startWorkerProcess(): ChildProcess {
  return spawn(process.execPath, [builtProgram('main.ts')], {
    cwd: packageRoot(import.meta.url),
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

describe('an undo', () => {
  test('R152: goes on after its worker is killed in the middle: everybody once, nobody lost', async () => {
    const count = 120;
    const people = await Promise.all(Array.from({ length: count }, (_, at) => okta.create(`crash${at}`)));
    await delay(5);
    const from = new Date();
    for (const id of people) await okta.deactivate(id);
    const preview = await okta.preview(owner, from, new Date());
    expect((await okta.confirm(owner, preview)).status).toBe(202);
    const progress = async () => (await owner.get(`/undos/${preview.id}`)).body.progress.done as number;
    const worker = startWorkerProcess();
    const dead = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    while ((await progress()) < 10) await delay(2);
    worker.kill('SIGKILL');
    await dead;
    await delay(200);
    const done = await progress();
    expect(done).toBeGreaterThanOrEqual(10);
    expect(done).toBeLessThan(count);
    await rollcall.rollcall.db.search(`update jobs set leased_until = now() - interval '1 second'`, []);
    expect(await okta.finish(owner, preview)).toMatchObject({
      counts: { activated: count, failed: 0, skip: 0 },
      progress: { done: count, total: count },
    });
    const events = await rollcall.rollcall.db.search<{ target_id: string }>(
      `select target_id from events where action = 'user.activated' and target_id = any($1::uuid[])`,
      [people],
    );
    expect(events.length).toBe(count);
    expect(new Set(events.map(({ target_id }) => target_id)).size).toBe(count);
  });

  test('R152: of an import deletes whom it invited and gives roles back, but leaves whom an administrator changed', async () => {
    const known = await joins(rollcall, owner);
    await owner.post('/groups', { name: 'Imported' });
    const rows = [
      'email,name,role,groups',
      'new-a@rollcall.example,New A,train,Imported',
      'new-b@rollcall.example,New B,train,Imported',
      `${known.email},,train,`,
    ];
    const { body } = await owner
      .post('/imports?onDuplicate=update_role')
      .set('Content-Type', 'text/csv')
      .send(rows.join('\n') as never);
    expect((await owner.post('/undos', { importId: body.id })).body.code).toBe('unknown_batch');
    await owner.post(`/imports/${body.id}/confirm`);
    while ((await owner.get(`/imports/${body.id}`)).body.state !== 'done') {
      await rollcall.rollcall.runDueJobsOnce();
    }
    const { data } = (await owner.get(`/imports/${body.id}/rows`)).body as {
      data: { email: string; user: { id: string } | null }[];
    };
    const [a, b] = ['new-a', 'new-b'].map(
      (name) => data.find(({ email }) => email.startsWith(name))?.user?.id,
    );
    await owner.post(`/users/${b}/deactivate`, {});
    const preview = await undoOf({ importId: body.id });
    expect(preview.counts).toMatchObject({ deleted: 1, roles: 1, undo: 2, skip: 1 });
    await okta.confirm(owner, preview);
    expect((await okta.finish(owner, preview)).counts).toMatchObject({ deleted: 1, roles: 1, failed: 0 });
    expect((await user(known.id)).role).toBe('readonly');
    expect((await user(a as string)).status).toBe('deleted');
    expect((await user(b as string)).status).toBe('inactive');
  });

  test('R152: of a bulk action is found by its request id, and takes back what was done to each', async () => {
    const people = [await joins(rollcall, owner), await joins(rollcall, owner)].map(({ id }) => id);
    const { body: group } = await owner.post('/groups', { name: 'By bulk' });
    const bulk = await owner.post('/users/bulk', {
      action: 'add_to_group',
      userIds: people,
      params: { groupIds: [group.id] },
    });
    const preview = await undoOf({ requestId: bulk.headers['x-request-id'] });
    expect(preview.counts).toMatchObject({ membershipsEnded: 2 });
    expect(preview.summary).toEqual(['2 group memberships end.']);
    await okta.confirm(owner, preview);
    await okta.finish(owner, preview);
    expect((await owner.get(`/groups/${group.id}/members`)).body.data).toEqual([]);
    // Twice the same does nothing.
    expect((await undoOf({ requestId: bulk.headers['x-request-id'] })).counts).toMatchObject({
      undo: 0,
      skip: 2,
    });
    const unknown = await owner.post('/undos', { requestId: '01890000-0000-7000-8000-00000000dead' });
    expect([unknown.status, unknown.body.code]).toEqual([422, 'unknown_batch']);
  });

  test('does nothing to an owner unless another owner asks, and nothing to the account of who asks', async () => {
    const second = await joins(rollcall, owner, { role: 'admin' });
    const admin = await joins(rollcall, owner, { role: 'admin' });
    await owner.put(`/users/${second.id}/owner`, { password: 'correct battery horse 7' });
    await organization.scim('PUT', `/Users/${second.id}`, { userName: second.email, active: true });
    await organization.scim('PUT', `/Users/${admin.id}`, { userName: admin.email, active: true });
    await delay(5);
    const from = new Date();
    await okta.deactivate(second.id);
    await okta.deactivate(admin.id);
    const to = new Date();
    await owner.post(`/users/${admin.id}/activate?force=true`);
    const again = await signIn(rollcall.server, admin.email, PASSWORD);
    const preview = await okta.preview(again, from, to);
    expect((await okta.items(again, preview)).map(({ user: who, code }) => [who?.id, code]).sort()).toEqual(
      [
        [second.id, 'owner_only'],
        [admin.id, 'already_so'],
      ].sort(),
    );
    const byOwner = await okta.preview(owner, from, to);
    expect(byOwner.counts).toMatchObject({ activated: 1, skip: 1 });
    await okta.confirm(owner, byOwner);
    await okta.finish(owner, byOwner);
    const owners = await signIn(rollcall.server, second.email, PASSWORD);
    const own = await undoOf({ undoId: byOwner.id }, owners);
    expect((await okta.items(owners, own)).map(({ code }) => code)).toEqual(['self_change']);
    expect((await user(second.id)).status).toBe('active');
  });

  test('is confirmed for what was shown: after another change a new preview is needed', async () => {
    const id = await okta.create('shown');
    await delay(5);
    const from = new Date();
    await okta.deactivate(id);
    const to = new Date();
    const preview = await okta.preview(owner, from, to);
    await owner.post(`/users/${id}/activate?force=true`);
    const refused = await okta.confirm(owner, preview);
    expect([refused.status, refused.body.code]).toEqual([428, 'impact_confirmation_required']);
    expect((await owner.get(`/undos/${preview.id}`)).body.state).toBe('preview');
  });

  test('ends with the rights of who started it: what remains is reported as failed', async () => {
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const id = await okta.create('demoted');
    await delay(5);
    const from = new Date();
    await okta.deactivate(id);
    const to = new Date();
    const preview = await okta.preview(admin, from, to);
    expect((await okta.confirm(admin, preview, { password: PASSWORD })).status).toBe(202);
    await owner.post(`/users/${admin.id}/deactivate`, {});
    const done = await okta.finish(owner, preview);
    expect(done.counts).toMatchObject({ undo: 0, failed: 1 });
    expect((await okta.items(owner, preview))[0]?.why).toContain(
      'another administrator can make a new preview',
    );
    expect((await user(id)).status).toBe('inactive');
  });
});

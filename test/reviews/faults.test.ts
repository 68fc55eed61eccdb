import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import { createRollcall, type Rollcall } from '../../src/app.ts';
import type { OrgId, UserId } from '../../src/directory/ids.ts';
import { readExportedTable } from '../../src/exports/store.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { joins, mailsTo, signInAsOwner, type TestUser } from '../support/admin.ts';
import { builtProgram } from '../support/cli.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const DAY_MS = 86_400_000;
const secretKey = randomBytes(32);
let clock = Date.parse('2026-11-29T09:00:00Z');
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(clock), secretKey });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

interface Item {
  readonly id: string;
  readonly subject: { readonly id: string; readonly name: string | null };
  readonly reviewers: readonly { readonly id: string }[];
  readonly decision: string | null;
  readonly note: string | null;
}

async function opens(body: object = {}): Promise<string> {
  const { id } = (await owner.post('/reviews', body).expect(202)).body;
  await rollcall.rollcall.tendReviews();
  return id;
}
const itemsOf = async (review: string): Promise<Item[]> =>
  (await owner.get(`/reviews/${review}/items?limit=200`).expect(200)).body.data;
const ask = <Row extends object>(sql: string, ...values: unknown[]) =>
  rollcall.rollcall.db.search<Row>(sql, values);

/** Adds so many users by themselves, without mails. */
async function insertUsers(org: string, count: number): Promise<void> {
  await ask(
    `insert into users (org_id, id, user_name, user_name_key, email, email_key, status, role, source, created_at, updated_at, profile)
     select $1, gen_random_uuid(), 'bulk-' || n || '@rollcall.example', 'bulk-' || n || '@rollcall.example',
       'bulk-' || n || '@rollcall.example', 'bulk-' || n || '@rollcall.example', 'active', 'readonly', 'admin', now(), now(), '{}'
     from generate_series(1, $2::integer) n`,
    org,
    count,
  );
}

/** A second process on the same database. */
function anotherProcess(): Rollcall {
  return createRollcall({
    publicUrl: 'http://127.0.0.1',
    databaseUrl: rollcall.databaseUrl,
    log: pino({ level: 'silent' }),
    secretKey,
    now: () => new Date(clock),
    mail: { smtpUrl: undefined, folder: rollcall.outbox, from: 'Rollcall <no-reply@rollcall.example>' },
  });
}

describe('a schedule', () => {
  const scheduled = async () =>
    (await owner.get('/reviews')).body.data.filter(
      ({ scheduledFor }: { scheduledFor: string | null }) => scheduledFor !== null,
    );

  test('R126 opens one review each quarter, with two workers, and none again where the clock goes back', async () => {
    await owner
      .patch('/settings', { settings: { reviewSchedule: { ...SCHEDULE, enabled: true } } })
      .expect(200);
    const other = anotherProcess();
    try {
      await rollcall.rollcall.tendReviews();
      expect(await scheduled()).toEqual([]);
      expect((await owner.get('/reviews')).body.nextScheduledAt).toBe('2027-01-01T00:00:00.000Z');
      clock = Date.parse('2027-01-01T00:30:00Z');
      owner = await signInAsOwner(rollcall, organization);
      await Promise.all([rollcall.rollcall.tendReviews(), other.tendReviews()]);
      await Promise.all([rollcall.rollcall.tendReviews(), other.tendReviews()]);
      expect(await scheduled()).toMatchObject([
        { title: 'Q1 2027, all users', scheduledFor: '2027-01-01', createdBy: null, state: 'open' },
      ]);
      clock -= 3_600_000;
      await rollcall.rollcall.tendReviews();
      clock += 7_200_000;
      await rollcall.rollcall.tendReviews();
      expect(await scheduled()).toHaveLength(1);
      clock = Date.parse('2027-04-02T00:00:00Z');
      owner = await signInAsOwner(rollcall, organization);
      await rollcall.rollcall.tendReviews();
      expect(await scheduled()).toHaveLength(2);
    } finally {
      await other.close();
    }
    await owner
      .patch('/settings', { settings: { reviewSchedule: { ...SCHEDULE, enabled: false } } })
      .expect(200);
    for (const { id } of await scheduled()) await owner.post(`/reviews/${id}/close`).expect(200);
  });
});

const SCHEDULE = {
  frequency: 'quarterly',
  scope: { users: true, privileged: false, programs: false },
  reviewers: { rule: 'managers' },
  daysUntilDue: 21,
  inactiveDays: 90,
  undecided: 'leave',
};

describe('reminders', () => {
  test('come once each to each reviewer, also of two workers, and the owners are told when it is overdue', async () => {
    const reviewer = await joins(rollcall, owner, { role: 'admin' });
    const reviewers = { rule: 'people', users: [reviewer.id] };
    const review = await opens({ title: 'Reminded', reviewers, daysUntilDue: 21 });
    const other = anotherProcess();
    const subjects = async (email: string) =>
      (await mailsTo(rollcall, email)).flatMap(({ subject }) =>
        subject?.includes('Reminded') ? [subject] : [],
      );
    try {
      for (const days of [0, 14, 20, 21, 22]) {
        clock += days === 0 ? 0 : DAY_MS * (days === 14 ? 14 : days === 20 ? 6 : 1);
        await Promise.all([rollcall.rollcall.tendReviews(), other.tendReviews()]);
      }
    } finally {
      await other.close();
    }
    const told = await subjects(reviewer.email);
    expect(told.map((subject) => subject.split(',')[0]?.split(':')[0])).toEqual([
      expect.stringMatching(/^Review who has access/),
      expect.stringMatching(/items? waits? for your decision$/),
      expect.stringMatching(/items? waits? for your decision$/),
      'Overdue',
    ]);
    expect(
      (await subjects(organization.ownerEmail)).filter((subject) => subject.startsWith('Overdue')),
    ).toHaveLength(1);
    owner = await signInAsOwner(rollcall, organization);
    const events = (await owner.get(`/audit?target=${review}&action=review.escalated`)).body.data;
    expect(events).toHaveLength(1);
    await owner.post(`/reviews/${review}/close`).expect(200);
  });
});

describe('a reviewer who leaves', () => {
  test('hands undecided items to the others or to administrators, which is told', async () => {
    const group = (await owner.post('/groups', { name: 'Support' })).body.id;
    const [first, second] = await Promise.all(
      [1, 2].map(() => joins(rollcall, owner, { role: 'configure', groups: ['Support'] })),
    );
    for (const lead of [first, second]) {
      await owner.patch(`/groups/${group}/members/${lead?.id}`, { inGroupRole: 'manager' }).expect(204);
    }
    const member = await joins(rollcall, owner, { groups: ['Support'] });
    const review = await opens({
      title: 'Left',
      scope: { groups: [group] },
      reviewers: { rule: 'group_managers' },
    });
    const reviewersOf = async () =>
      (await itemsOf(review)).find(({ subject }) => subject.id === member.id)?.reviewers.map(({ id }) => id);
    expect(await reviewersOf()).toEqual([first?.id, second?.id].sort());
    await owner.post(`/users/${first?.id}/deactivate`).expect(200);
    await rollcall.rollcall.tendReviews();
    expect(await reviewersOf()).toEqual([second?.id]);
    await owner.patch(`/groups/${group}/members/${second?.id}`, { inGroupRole: 'member' }).expect(204);
    await rollcall.rollcall.tendReviews();
    expect(await reviewersOf()).toEqual([]);
    const { data } = (await owner.get(`/audit?target=${review}&action=review.reassigned`)).body;
    expect(data.map(({ member: who }: { member: { id: string } }) => who.id).sort()).toEqual(
      [first?.id, second?.id].sort(),
    );
    const mails = await mailsTo(rollcall, organization.ownerEmail);
    expect(mails.filter(({ subject }) => subject === 'A reviewer left: Left')).toHaveLength(2);
  });
});

describe('closing while somebody decides', () => {
  test('is before or after the decision, never in between', async () => {
    const people = await Promise.all([1, 2, 3, 4].map(() => joins(rollcall, owner, { role: 'train' })));
    const review = await opens({ undecided: 'keep' });
    const items = (await itemsOf(review)).filter(({ subject }) => people.some(({ id }) => id === subject.id));
    const change = (item: Item) =>
      owner.put(`/reviews/${review}/items/${item.id}`, { decision: 'change_role', role: 'readonly' });
    const answers = await Promise.all([
      change(items[0] as Item),
      change(items[1] as Item),
      owner.post(`/reviews/${review}/close`),
      change(items[2] as Item),
      change(items[3] as Item),
    ]);
    const { progress } = (await owner.get(`/reviews/${review}`)).body;
    expect(progress.undecided).toBe(0);
    const after = await itemsOf(review);
    for (const [at, item] of items.entries()) {
      const answer = answers[at < 2 ? at : at + 1];
      const changed = answer?.status === 200;
      if (!changed) expect(answer?.body.code).toBe('closed');
      const { decision } = after.find(({ id }) => id === item.id) as Item;
      expect(decision).toBe(changed ? 'change_role' : 'keep');
      expect((await owner.get(`/users/${item.subject.id}`)).body.role).toBe(changed ? 'readonly' : 'train');
    }
    expect(progress.changeRole).toBe(after.filter(({ decision }) => decision === 'change_role').length);
    expect(progress.keep).toBe(after.filter(({ decision }) => decision === 'keep').length);
  });
});

describe('ids of another organization', () => {
  test('are not found, neither as a review nor as items, groups or reviewers', async () => {
    const other = await signInAsOwner(rollcall, await rollcall.organization({ name: 'Theirs' }));
    const review = await opens();
    const [item] = await itemsOf(review);
    const theirs = (await other.post('/reviews', {}).expect(202)).body.id;
    await rollcall.rollcall.tendReviews();
    for (const path of ['', '/items', '/reviewers', '/report.csv', `/items/${item?.id}`]) {
      expect((await other.get(`/reviews/${review}${path}`)).status).toBe(404);
    }
    const mixed = await other.put(`/reviews/${theirs}/items/${item?.id}`, { decision: 'keep' });
    expect([mixed.status, mixed.body.code]).toEqual([404, 'not_found']);
    const bulk = await other.post(`/reviews/${theirs}/items/bulk`, { decision: 'keep', items: [item?.id] });
    expect(bulk.body.results).toMatchObject([{ ok: false, code: 'not_found' }]);
    expect((await other.post(`/reviews/${review}/items/bulk`, { decision: 'keep', select: {} })).status).toBe(
      404,
    );
    const foreign = { reviewers: { rule: 'people', users: [owner.id] } };
    expect((await other.post('/reviews', foreign)).body.code).toBe('unknown_reviewer');
    const group = (await owner.post('/groups', { name: 'Only ours' })).body.id;
    expect((await other.post('/reviews', { scope: { groups: [group] } })).body.code).toBe('group_not_found');
    expect((await itemsOf(review)).every(({ decision }) => decision === null)).toBe(true);
  });
});

describe('the erasure of a user', () => {
  test('R89 takes what is personal out of reviews and leaves that they were reviewed; before, it is in the export', async () => {
    const user = await joins(rollcall, owner, { name: 'Erased Person' });
    const review = await opens();
    const item = (await itemsOf(review)).find(({ subject }) => subject.id === user.id);
    const note = 'Erased Person is on leave';
    await owner.put(`/reviews/${review}/items/${item?.id}`, { decision: 'keep', note }).expect(200);
    const exported = await readExportedTable(
      rollcall.rollcall.db,
      organization.org as OrgId,
      user.id as UserId,
      'reviews',
    );
    expect(exported.at(-1)).toMatchObject({ decision: 'keep', note });
    await owner.delete(`/users/${user.id}`, { mode: 'hard', password: OWNER_PASSWORD }).expect(204);
    const after = await owner.get(`/reviews/${review}/items/${item?.id}`);
    expect(after.body).toMatchObject({
      subject: { id: user.id, name: null, email: null },
      decision: 'keep',
      note: null,
      role: 'readonly',
      lastLoginAt: null,
      rights: null,
    });
    const [row] = await ask<{ text: string }>(
      'select i::text as text from review_items i where id = $1',
      item?.id,
    );
    expect(row?.text).not.toContain('Erased Person');
  });
});

describe('a thousand items', () => {
  test('are decided in one request, each with its own result', async () => {
    const crowd = await rollcall.organization({ name: 'Crowd' });
    const boss = await signInAsOwner(rollcall, crowd);
    await insertUsers(crowd.org, 1_100);
    const review = (await boss.post('/reviews', {}).expect(202)).body;
    expect(review.progress.expected).toBe(1_101);
    await rollcall.rollcall.tendReviews();
    const first = await boss.post(`/reviews/${review.id}/items/bulk`, { decision: 'keep', select: {} });
    expect(first.body.results).toHaveLength(1_000);
    expect(first.body.results.every(({ ok }: { ok: boolean }) => ok)).toBe(true);
    const after = first.body.next;
    const rest = await boss.post(`/reviews/${review.id}/items/bulk`, { decision: 'keep', select: { after } });
    expect([rest.body.results.length, rest.body.next]).toEqual([100, null]);
    expect((await boss.get(`/reviews/${review.id}`)).body.progress).toMatchObject({
      keep: 1_100,
      undecided: 1,
    });
    const tooMany = Array.from({ length: 1_001 }, () => review.id);
    const refused = await boss.post(`/reviews/${review.id}/items/bulk`, { decision: 'keep', items: tooMany });
    expect(refused.status).toBe(422);
  });
});

describe('a worker that is killed while it opens a review', () => {
  test('is followed by another that goes on where it stopped', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-review-'));
    const crowd = await rollcall.organization({ name: 'Killed' });
    const boss = await signInAsOwner(rollcall, crowd);
    await insertUsers(crowd.org, 12_000);
    clock = Date.now();
    const { id } = (await boss.post('/reviews', {}).expect(202)).body;
    const progress = async () =>
      (
        await ask<{ items: number; state: string }>('select items, state from reviews where id = $1', id)
      )[0] as { items: number; state: string };
    const startWorker = (): ChildProcess =>
      spawn(process.execPath, [builtProgram('main.ts')], {
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
    const killed = startWorker();
    let stopped = 0;
    for (let left = 4_000; left > 0; left -= 1) {
      stopped = (await progress()).items;
      if (stopped > 0) break;
      await delay(10);
    }
    killed.kill('SIGKILL');
    expect(stopped).toBeGreaterThan(0);
    stopped = (await progress()).items;
    expect([stopped < 12_001, (await progress()).state]).toEqual([true, 'opening']);
    const [before] = await ask<{ first: string }>(
      'select min(id::text) as first from review_items where review_id = $1',
      id,
    );
    const next = startWorker();
    for (let left = 900; left > 0 && (await progress()).state === 'opening'; left -= 1) await delay(100);
    next.kill('SIGTERM');
    expect(await progress()).toEqual({ items: 12_001, state: 'open' });
    const [counted] = await ask<{ items: number; subjects: number; first: string }>(
      `select count(*)::integer as items, count(distinct subject_id)::integer as subjects, min(id::text) as first
       from review_items where review_id = $1`,
      id,
    );
    expect(counted).toEqual({ items: 12_001, subjects: 12_001, first: before?.first });
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ELEVATION_EXPIRY_JOB } from '../../src/access/elevations/jobs.ts';
import { scheduleJob } from '../../src/platform/jobs/queue.ts';
import { joins, mailsTo, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const WHY = 'Needed for the incident of tonight.';
const MINUTE = 60_000;

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
/** The injected clock begins in the past. */
let shift = -7 * 24 * 60 * MINUTE;
const later = (minutes: number) => {
  shift += minutes * MINUTE;
};

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(Date.now() + shift) });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const effectiveRole = async (user: TestUser) => (await owner.get(`/users/${user.id}`)).body.effectiveRole;
const events = async (target: string) =>
  (
    await rollcall.rollcall.db.search<{ action: string }>(
      'select action from events where org_id = $1 and target_id = $2 order by id',
      [organization.org, target],
    )
  ).map(({ action }) => action);

describe('an elevation that an administrator gives', () => {
  test('R133: takes effect immediately, shows its end, and ends even if no worker runs', async () => {
    const user = await joins(rollcall, owner);
    expect((await user.get('/groups')).status).toBe(403);
    const granted = await owner.post(`/users/${user.id}/elevations`, {
      role: 'admin',
      durationMinutes: 30,
      justification: WHY,
    });
    expect(granted.status).toBe(201);
    expect(granted.body).toMatchObject({ state: 'active', role: 'admin', durationMinutes: 30 });
    expect((await user.get('/groups')).status).toBe(200);
    expect((await owner.get(`/users/${user.id}`)).body.elevation.expiresAt).toBe(granted.body.expiresAt);
    later(29);
    expect((await user.get('/groups')).status).toBe(200);
    later(2);
    expect((await user.get('/groups')).status).toBe(403);
    expect(await effectiveRole(user)).toBe('readonly');
    const listed = await owner.get(`/users/${user.id}/elevations`);
    expect(listed.body.data).toMatchObject([{ id: granted.body.id, state: 'expired' }]);
  });

  test('R133: the schedule records an end once, and mails it', async () => {
    const user = await joins(rollcall, owner);
    const { body } = await owner.post(`/users/${user.id}/elevations`, {
      role: 'train',
      durationMinutes: 5,
      justification: WHY,
    });
    later(6);
    const { db } = rollcall.rollcall;
    await scheduleJob(db, ELEVATION_EXPIRY_JOB, 1, new Date(Date.now() + shift));
    await Promise.all([rollcall.rollcall.runDueJobsOnce(), rollcall.rollcall.runDueJobsOnce()]);
    await db.search('update jobs set due_at = created_at where kind = $1', [ELEVATION_EXPIRY_JOB]);
    await rollcall.rollcall.runDueJobsOnce();
    expect(await events(body.id)).toEqual(['elevation.granted', 'elevation.expired']);
    const subjects = (await mailsTo(rollcall, user.email)).map(({ subject }) => subject);
    expect(subjects.filter((subject) => subject?.includes('has ended'))).toHaveLength(1);
    expect(subjects.filter((subject) => subject?.startsWith('You have temporary'))).toHaveLength(1);
  });

  test('R134: needs a justification of 10 characters, after trimming', async () => {
    const user = await joins(rollcall, owner);
    for (const justification of [undefined, '', ' nine char         ']) {
      const answer = await owner.post(`/users/${user.id}/elevations`, { role: 'train', justification });
      expect([answer.status, answer.body.code]).toEqual([422, 'justification_required']);
    }
    const taken = await owner.post(`/users/${user.id}/elevations`, {
      role: 'train',
      justification: ' ten chars! ',
    });
    expect([taken.status, taken.body.justification]).toEqual([201, 'ten chars!']);
  });

  test('8 hours by default, 24 at most, the exact end if one is named, never in the past', async () => {
    const user = await joins(rollcall, owner);
    const ask = (body: object) =>
      owner.post(`/users/${user.id}/elevations`, { role: 'train', justification: WHY, ...body });
    const now = Date.now() + shift;
    expect((await ask({ durationMinutes: 24 * 60 + 1 })).body.code).toBe('too_long');
    expect((await ask({ expiresAt: new Date(now + 25 * 60 * MINUTE).toISOString() })).body.code).toBe(
      'too_long',
    );
    expect((await ask({ expiresAt: new Date(now - MINUTE).toISOString() })).body.code).toBe('in_the_past');
    expect((await ask({ durationMinutes: 5, expiresAt: new Date(now + MINUTE).toISOString() })).status).toBe(
      422,
    );
    const usual = (await ask({})).body;
    expect(Date.parse(usual.expiresAt) - Date.parse(usual.startsAt)).toBe(8 * 60 * MINUTE);
    await owner.post(`/elevations/${usual.id}/revoke`, {});
    const expiresAt = new Date(now + 90 * MINUTE + 1_234).toISOString();
    expect((await ask({ expiresAt })).body.expiresAt).toBe(expiresAt);
  });

  test('must be above the effective role, at most admin, never owner, and never oneself', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    const ask = (role: string) => owner.post(`/users/${user.id}/elevations`, { role, justification: WHY });
    expect((await ask('train')).body.code).toBe('not_higher');
    expect((await ask('configure')).body.code).toBe('not_higher');
    expect((await ask('owner')).body.errors[0].message).toBe('Invalid role');
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const own = await admin.post(`/users/${admin.id}/elevations`, { role: 'admin', justification: WHY });
    expect([own.status, own.body.code]).toEqual([403, 'self_change']);
  });

  test('guard rule 4: a manager gives no role above train; a setting keeps admin for owners', async () => {
    const group = (await owner.post('/groups', { name: 'Elevated team' })).body.id;
    const manager = await joins(rollcall, owner, { role: 'configure' });
    await owner.post(`/groups/${group}/members`, { userIds: [manager.id], inGroupRole: 'manager' });
    const member = await joins(rollcall, owner, { groups: [group] });
    const give = (role: string) =>
      manager.post(`/users/${member.id}/elevations`, { role, justification: WHY });
    expect((await give('configure')).body.code).toBe('role_above_limit');
    expect((await give('train')).status).toBe(201);
    const stranger = await joins(rollcall, owner);
    expect(
      (await manager.post(`/users/${stranger.id}/elevations`, { role: 'train', justification: WHY })).status,
    ).toBe(404);
  });

  test('R133: "End now" ends it for the very next request, and tells the user', async () => {
    const user = await joins(rollcall, owner);
    const { body } = await owner.post(`/users/${user.id}/elevations`, {
      role: 'admin',
      justification: WHY,
    });
    expect((await user.get('/groups')).status).toBe(200);
    const ended = await owner.post(`/elevations/${body.id}/revoke`, { reason: 'It is done.' });
    expect([ended.status, ended.body.state]).toEqual([200, 'revoked']);
    expect((await user.get('/groups')).status).toBe(403);
    expect((await owner.post(`/elevations/${body.id}/revoke`, {})).body.code).toBe('expired');
    expect(await events(body.id)).toEqual(['elevation.granted', 'elevation.revoked']);
    expect((await mailsTo(rollcall, user.email)).at(-1)?.subject).toContain('has ended');
  });
});

describe('an elevation that a user asks for', () => {
  test('R132: waits, gives nothing, and begins when another user approves it', async () => {
    const user = await joins(rollcall, owner);
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const requested = await user.post('/me/elevations', {
      role: 'configure',
      durationMinutes: 60,
      justification: WHY,
      ticket: 'OPS-7',
    });
    expect([requested.status, requested.body.state, requested.body.ticket]).toEqual([
      201,
      'pending',
      'OPS-7',
    ]);
    expect(await effectiveRole(user)).toBe('readonly');
    later(120);
    const waiting = await admin.get('/elevations?state=pending');
    expect(waiting.body.data.map(({ id }: { id: string }) => id)).toContain(requested.body.id);
    const approved = await admin.post(`/elevations/${requested.body.id}/approve`);
    expect(approved.body).toMatchObject({
      state: 'active',
      decidedBy: { type: 'user', id: admin.id, email: admin.email },
    });
    expect(Date.parse(approved.body.expiresAt) - Date.parse(approved.body.startsAt)).toBe(60 * MINUTE);
    expect(await effectiveRole(user)).toBe('configure');
    expect((await admin.post(`/elevations/${requested.body.id}/approve`)).body.code).toBe('not_pending');
    expect((await admin.get('/elevations?state=active')).body.data[0].id).toBe(requested.body.id);
    expect((await user.get('/elevations')).body.data).toHaveLength(1);
  });

  test('guard rule 1: no one approves or rejects their own request, whatever else they may', async () => {
    const user = await joins(rollcall, owner);
    const requested = await user.post('/me/elevations', { role: 'configure', justification: WHY });
    // An admin now, who asked before.
    await owner.post(`/users/${user.id}/elevations`, {
      role: 'admin',
      durationMinutes: 5,
      justification: WHY,
    });
    for (const verb of ['approve', 'reject']) {
      const answer = await user.post(`/elevations/${requested.body.id}/${verb}`, {});
      expect([answer.status, answer.body.code]).toEqual([403, 'self_approval']);
    }
  });

  test('guard rule 4: who approves gives no role above their own limit', async () => {
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const user = await joins(rollcall, owner);
    const requested = await user.post('/me/elevations', { role: 'admin', justification: WHY });
    await rollcall.rollcall.db.search(
      `update organizations set settings = '{"onlyOwnersGrantAdmin":true}' where id = $1`,
      [organization.org],
    );
    const refused = await admin.post(`/elevations/${requested.body.id}/approve`);
    await rollcall.rollcall.db.search(`update organizations set settings = '{}' where id = $1`, [
      organization.org,
    ]);
    expect([refused.status, refused.body.code]).toEqual([403, 'role_above_limit']);
    expect((await admin.post(`/elevations/${requested.body.id}/approve`)).status).toBe(200);
  });

  test('an owner asks for nothing, and a readonly user approves nothing', async () => {
    expect((await owner.post('/me/elevations', { role: 'admin', justification: WHY })).status).toBe(403);
    const [first, second] = [await joins(rollcall, owner), await joins(rollcall, owner)];
    const requested = await first.post('/me/elevations', { role: 'train', justification: WHY });
    expect((await second.post(`/elevations/${requested.body.id}/approve`)).status).toBe(403);
    expect((await second.post(`/elevations/${requested.body.id}/cancel`)).status).toBe(404);
    expect((await second.post(`/elevations/${requested.body.id}/revoke`, {})).status).toBe(404);
  });

  test('only the requester cancels, a denial has its reason, and both are final', async () => {
    const user = await joins(rollcall, owner);
    const one = await user.post('/me/elevations', { role: 'train', justification: WHY });
    expect((await owner.post(`/elevations/${one.body.id}/cancel`)).status).toBe(403);
    expect((await user.post(`/elevations/${one.body.id}/cancel`)).body.state).toBe('cancelled');
    expect((await owner.post(`/elevations/${one.body.id}/approve`)).body.code).toBe('not_pending');
    const two = await user.post('/me/elevations', { role: 'train', justification: WHY });
    expect((await owner.post(`/elevations/${two.body.id}/reject`, { reason: 'Not now.' })).body.state).toBe(
      'rejected',
    );
    expect((await owner.post(`/elevations/${two.body.id}/approve`)).body.code).toBe('not_pending');
    expect(await events(one.body.id)).toEqual(['elevation.requested', 'elevation.cancelled']);
    expect(await events(two.body.id)).toEqual(['elevation.requested', 'elevation.rejected']);
  });

  test('of two concurrent decisions, one takes effect', async () => {
    const user = await joins(rollcall, owner);
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const requested = await user.post('/me/elevations', { role: 'train', justification: WHY });
    const answers = await Promise.allSettled([
      admin.post(`/elevations/${requested.body.id}/approve`),
      owner.post(`/elevations/${requested.body.id}/reject`, {}),
      user.post(`/elevations/${requested.body.id}/cancel`),
    ]);
    const statuses = answers.map((each) => (each.status === 'fulfilled' ? each.value.status : 0)).sort();
    expect(statuses).toEqual([200, 409, 409]);
  });
});

describe('trespassing', () => {
  test('another organization finds no elevation, to read or to decide', async () => {
    const other = await rollcall.organization();
    const foreign = await signInAsOwner(rollcall, other);
    const user = await joins(rollcall, owner);
    const requested = await user.post('/me/elevations', { role: 'train', justification: WHY });
    for (const verb of ['approve', 'reject', 'revoke']) {
      expect((await foreign.post(`/elevations/${requested.body.id}/${verb}`, {})).status).toBe(404);
    }
    expect((await foreign.get(`/users/${user.id}/elevations`)).status).toBe(404);
    expect((await foreign.get('/elevations')).body.data).toEqual([]);
    expect((await withKey(rollcall.server, 'rollcall_key_nobody').get('/elevations')).status).toBe(401);
  });
});

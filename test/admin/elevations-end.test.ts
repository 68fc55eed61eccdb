import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ELEVATION_EXPIRY_JOB } from '../../src/access/elevations/jobs.ts';
import { scheduleJob } from '../../src/platform/jobs/queue.ts';
import { joins, mailsTo, signInAsOwner, type TestUser } from '../support/admin.ts';
import { hold } from '../support/held-rows.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const WHY = 'Needed for the incident of tonight.';
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const elevate = async (id: string) =>
  (await owner.post(`/users/${id}/elevations`, { role: 'admin', justification: WHY })).body.id as string;
const user = async (id: string) => (await owner.get(`/users/${id}`)).body;
const elevationOf = async (id: string) => (await owner.get(`/users/${id}/elevations`)).body.data[0];
const may = async (id: string) =>
  (await owner.post('/authz/check', { userId: id, permission: 'groups:manage' })).body.allowed as boolean;
const done = async (answer: PromiseLike<{ status: number }>) =>
  expect((await answer).status).toBeLessThan(300);

const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
const provisioned = async () => {
  const userName = `pushed-${Math.random()}@rollcall.example`;
  return (await organization.scim('POST', '/Users', { schemas, userName })).body as {
    id: string;
    userName: string;
  };
};
const patchActive = (id: string, value: boolean, more: object[] = []) =>
  organization.scim('PATCH', `/Users/${id}`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'active', value }, ...more],
  });
const bulk = (action: string, id: string) => owner.post('/users/bulk', { action, userIds: [id] });

interface Authentication {
  readonly make: () => Promise<{ readonly id: string; readonly userName?: string }>;
  readonly end: (user: { id: string; userName?: string }) => PromiseLike<{ status: number }>;
  readonly back: (user: { id: string; userName?: string }) => PromiseLike<{ status: number }>;
}
const local = () => joins(rollcall, owner);
const activate = ({ id }: { id: string }) => owner.post(`/users/${id}/activate`, {});

/** Every way in which an account can end and come back. */
const doors: Readonly<Record<string, Authentication>> = {
  'SCIM: PATCH of active alone': {
    make: provisioned,
    end: ({ id }) => patchActive(id, false),
    back: ({ id }) => patchActive(id, true),
  },
  'SCIM: PATCH of active and more': {
    make: provisioned,
    end: ({ id }) => patchActive(id, false, [{ op: 'replace', path: 'title', value: 'Gone' }]),
    back: ({ id }) => patchActive(id, true, [{ op: 'replace', path: 'title', value: 'Back' }]),
  },
  'SCIM: PUT': {
    make: provisioned,
    end: ({ id, userName }) => organization.scim('PUT', `/Users/${id}`, { schemas, userName, active: false }),
    back: ({ id, userName }) => organization.scim('PUT', `/Users/${id}`, { schemas, userName, active: true }),
  },
  deactivate: {
    make: local,
    end: ({ id }) => owner.post(`/users/${id}/deactivate`, {}),
    back: activate,
  },
  'PATCH of the status': {
    make: local,
    end: ({ id }) => owner.patch(`/users/${id}`, { status: 'inactive' }),
    back: ({ id }) => owner.patch(`/users/${id}`, { status: 'active' }),
  },
  'bulk actions': {
    make: local,
    end: ({ id }) => bulk('deactivate', id),
    back: ({ id }) => bulk('activate', id),
  },
  offboard: {
    make: local,
    end: ({ id }) => owner.post(`/users/${id}/offboard`, {}),
    back: activate,
  },
  'soft deletion and restore': {
    make: local,
    end: ({ id }) => owner.delete(`/users/${id}`, { mode: 'soft', password: OWNER_PASSWORD }),
    back: ({ id }) => owner.post(`/users/${id}/restore`),
  },
};

describe('R79: an elevation ends with the account, and does not come back with it', () => {
  test.each(Object.entries(doors))('%s', async (_, { make, end, back }) => {
    const testUser = await make();
    const { id } = testUser;
    await elevate(id);
    expect(await user(id)).toMatchObject({ effectiveRole: 'admin', elevation: { role: 'admin' } });
    await done(end(testUser));
    expect((await user(id)).elevation).toBeNull();
    await done(back(testUser));
    expect(await user(id)).toMatchObject({ status: 'active', effectiveRole: 'readonly', elevation: null });
    expect(await may(id)).toBe(false);
    const rights = (await owner.get(`/users/${id}/permissions`)).body;
    expect(rights.sources).toEqual([{ kind: 'direct', role: 'readonly' }]);
    const explained = await owner.post('/authz/explain', { userId: id, permission: 'groups:manage' });
    expect(explained.body.sources).toEqual(rights.sources);
    const ended = await elevationOf(id);
    expect(ended.state).toBe('revoked');
    expect((await owner.post(`/elevations/${ended.id}/revoke`, {})).body.code).toBe('expired');
    const listed = await owner.get('/elevations?state=active&limit=200');
    expect(listed.body.data.map((each: { user: { id: string } }) => each.user.id)).not.toContain(id);

    // One that is given from now on holds.
    await elevate(id);
    expect([(await user(id)).effectiveRole, await may(id), (await elevationOf(id)).state]).toEqual([
      'admin',
      true,
      'active',
    ]);
  });

  test('a request that waited is in effect from its approval on, whatever was before', async () => {
    const testUser = await local();
    const requested = await testUser.post('/me/elevations', { role: 'configure', justification: WHY });
    await done(owner.post(`/users/${testUser.id}/deactivate`, {}));
    const refused = await owner.post(`/elevations/${requested.body.id}/approve`);
    expect([refused.status, refused.body.code]).toEqual([422, 'target_inactive']);
    await done(activate(testUser));
    expect((await owner.post(`/elevations/${requested.body.id}/approve`)).body.state).toBe('active');
    expect((await user(testUser.id)).effectiveRole).toBe('configure');
  });

  test('disabled keys, a lockout or a lower role end no elevation', async () => {
    const testUser = await joins(rollcall, owner, { role: 'configure' });
    await testUser.post('/me/api-keys', { name: 'x', scopes: ['users:read'] });
    await elevate(testUser.id);
    await done(owner.post(`/users/${testUser.id}/api-keys/disable`, {}));
    await rollcall.rollcall.db.search(
      'update users set sessions_from = now() where org_id = $1 and id = $2',
      [organization.org, testUser.id],
    );
    expect((await user(testUser.id)).effectiveRole).toBe('admin');
  });

  test('the schedule records its end once: an event, and a mail only to active users', async () => {
    const [back, gone] = [await local(), await local()];
    const [first, second] = [await elevate(back.id), await elevate(gone.id)];
    await done(owner.post(`/users/${back.id}/deactivate`, {}));
    await done(activate(back));
    await done(owner.post(`/users/${gone.id}/deactivate`, {}));
    const { db } = rollcall.rollcall;
    await scheduleJob(db, ELEVATION_EXPIRY_JOB, 1, new Date());
    for (const _ of [1, 2]) {
      await db.search('update jobs set due_at = created_at where kind = $1', [ELEVATION_EXPIRY_JOB]);
      await rollcall.rollcall.runDueJobsOnce();
    }
    for (const id of [first, second]) {
      const events = await db.search<{ action: string }>(
        'select action from events where org_id = $1 and target_id = $2 order by id',
        [organization.org, id],
      );
      expect(events.map(({ action }) => action)).toEqual(['elevation.granted', 'elevation.revoked']);
    }
    expect(await elevationOf(back.id)).toMatchObject({ state: 'revoked', endedAt: expect.any(String) });
    const over = async (user: TestUser) =>
      (await mailsTo(rollcall, user.email)).filter(({ subject }) => subject?.includes('has ended')).length;
    expect([await over(back), await over(gone)]).toEqual([1, 0]);
  });

  test('given in the moment of a deactivation, it is rejected or ends with it', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await provisioned();
      const [, given] = await Promise.all([
        patchActive(id, false),
        owner.post(`/users/${id}/elevations`, { role: 'admin', justification: WHY }),
      ]);
      expect([201, 422]).toContain(given.status);
      await done(patchActive(id, true));
      expect((await user(id)).effectiveRole).toBe('readonly');
    }
  });
});

describe('an elevation of a user who is deactivated meanwhile', () => {
  const lockUser = (id: string) =>
    hold(rollcall.databaseUrl, 'select from users where org_id = $1 and id = $2 for update', [
      organization.org,
      id,
    ]);

  test('is not given', async () => {
    const user = await local();
    const held = await lockUser(user.id);
    const given = owner.post(`/users/${user.id}/elevations`, { role: 'admin', justification: WHY }).then();
    await held.waiters(1);
    await held.release(`update users set status = 'inactive' where id = $1`, [user.id]);
    expect((await given).status).toBe(422);
    expect((await owner.get(`/users/${user.id}/elevations`)).body.data).toEqual([]);
  });

  test('does not begin with its approval', async () => {
    const user = await local();
    const requested = await user.post('/me/elevations', { role: 'admin', justification: WHY });
    const held = await lockUser(user.id);
    const approved = owner.post(`/elevations/${requested.body.id}/approve`).then();
    await held.waiters(1);
    await held.release(`update users set status = 'inactive' where id = $1`, [user.id]);
    expect((await approved).status).toBeGreaterThanOrEqual(400);
    expect((await elevationOf(user.id)).state).not.toBe('active');
  });
});

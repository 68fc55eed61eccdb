import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  anonymous,
  joins,
  mailsTo,
  PASSWORD,
  signIn,
  signInAsOwner,
  type TestUser,
} from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

describe('a first walk', () => {
  test('R2, R73, R142: an administrator invites, lists, changes the role of, deactivates, activates, deletes and restores a user', async () => {
    const user = await joins(rollcall, owner, { role: 'readonly', name: 'Jane Doe' });
    const again = await signIn(rollcall.server, user.email, PASSWORD);
    expect((await again.get('/users')).body.data).toHaveLength(1);
    const listed = await owner.get('/users?q=doe');
    expect(listed.body.data[0]).toMatchObject({ name: 'Jane Doe', status: 'active', role: 'readonly' });
    const impact = await owner.get(`/users/${user.id}/role-impact?role=configure`);
    expect(impact.body.gained.map(({ permission }: { permission: string }) => permission)).toContain(
      'agents:create',
    );
    const { impactToken } = impact.body;
    expect((await owner.put(`/users/${user.id}/role`, { role: 'configure' })).status).toBe(428);
    const changed = await owner.put(`/users/${user.id}/role`, { role: 'configure', impactToken });
    expect(changed.body).toMatchObject({ role: 'configure', accessTier: 'manager' });
    expect((await owner.post(`/users/${user.id}/deactivate`, {})).body.status).toBe('inactive');
    expect((await again.get('/users')).status).toBe(401);
    expect((await owner.post(`/users/${user.id}/activate`)).body.user.status).toBe('active');
    expect((await owner.delete(`/users/${user.id}`, { mode: 'soft', password: 'wrong' })).status).toBe(403);
    expect(
      (await owner.delete(`/users/${user.id}`, { mode: 'soft', password: 'correct battery horse 7' })).status,
    ).toBe(204);
    for (const q of ['doe', 'Jane', user.email]) {
      const found = await owner.get(`/users?includeDeleted=true&q=${encodeURIComponent(q)}`);
      expect(found.body.data.map(({ id }: { id: string }) => id)).toEqual([user.id]);
      expect((await owner.get(`/users?q=${encodeURIComponent(q)}`)).body.data).toEqual([]);
    }
    expect((await owner.post(`/users/${user.id}/restore`)).status).toBe(200);
    expect(
      (await owner.delete(`/users/${user.id}`, { mode: 'hard', password: 'correct battery horse 7' })).status,
    ).toBe(204);
    expect((await owner.get(`/users/${user.id}`)).status).toBe(404);
    expect((await mailsTo(rollcall, user.email))[0]?.subject).toContain('invites you');
    expect((await anonymous(rollcall.server).get('/users')).status).toBe(401);
  });
});

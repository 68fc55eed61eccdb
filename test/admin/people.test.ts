import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  anonymous,
  joins,
  mailsTo,
  PASSWORD,
  signIn,
  signInAsOwner,
  type TestPerson,
} from '../support/admin.ts';
import { startRollcall, type TestRollcall, type TestTenant } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let tenant: TestTenant;
let owner: TestPerson;

beforeAll(async () => {
  rollcall = await startRollcall();
  tenant = await rollcall.tenant();
  owner = await signInAsOwner(rollcall, tenant);
});
afterAll(() => rollcall.close());

describe('a first walk', () => {
  test('R2, R73, R142: an administrator invites, lists, changes the role of, deactivates, activates, deletes and restores a user', async () => {
    const person = await joins(rollcall, owner, { role: 'readonly', name: 'Jane Doe' });
    const again = await signIn(rollcall.server, person.email, PASSWORD);
    expect((await again.get('/users')).body.data).toHaveLength(1);
    const listed = await owner.get('/users?q=doe');
    expect(listed.body.data[0]).toMatchObject({ name: 'Jane Doe', status: 'active', role: 'readonly' });
    const impact = await owner.get(`/users/${person.id}/role-impact?role=configure`);
    expect(impact.body.gained.map(({ permission }: { permission: string }) => permission)).toContain(
      'agents:create',
    );
    const { impactToken } = impact.body;
    expect((await owner.put(`/users/${person.id}/role`, { role: 'configure' })).status).toBe(428);
    const changed = await owner.put(`/users/${person.id}/role`, { role: 'configure', impactToken });
    expect(changed.body).toMatchObject({ role: 'configure', accessTier: 'manager' });
    expect((await owner.post(`/users/${person.id}/deactivate`, {})).body.status).toBe('inactive');
    expect((await again.get('/users')).status).toBe(401);
    expect((await owner.post(`/users/${person.id}/activate`)).body.user.status).toBe('active');
    expect((await owner.delete(`/users/${person.id}`, { mode: 'soft', password: 'wrong' })).status).toBe(403);
    expect(
      (await owner.delete(`/users/${person.id}`, { mode: 'soft', password: 'correct battery horse 7' }))
        .status,
    ).toBe(204);
    for (const q of ['doe', 'Jane', person.email]) {
      const found = await owner.get(`/users?includeDeleted=true&q=${encodeURIComponent(q)}`);
      expect(found.body.data.map(({ id }: { id: string }) => id)).toEqual([person.id]);
      expect((await owner.get(`/users?q=${encodeURIComponent(q)}`)).body.data).toEqual([]);
    }
    expect((await owner.post(`/users/${person.id}/restore`)).status).toBe(200);
    expect(
      (await owner.delete(`/users/${person.id}`, { mode: 'hard', password: 'correct battery horse 7' }))
        .status,
    ).toBe(204);
    expect((await owner.get(`/users/${person.id}`)).status).toBe(404);
    expect((await mailsTo(rollcall, person.email))[0]?.subject).toContain('invites you');
    expect((await anonymous(rollcall.server).get('/users')).status).toBe(401);
  });
});

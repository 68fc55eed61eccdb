import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import {
  anonymous,
  invitationToken,
  joins,
  mailsTo,
  PASSWORD,
  signIn,
  signInAsOwner,
  type TestUser,
} from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const group = async (name: string): Promise<string> => (await owner.post('/groups', { name })).body.id;
const requested = (sql: string, values: unknown[]) =>
  rollcall.rollcall.db.search<Record<string, unknown>>(sql, values);
const hard = { mode: 'hard', password: OWNER_PASSWORD };
const soft = { mode: 'soft', password: OWNER_PASSWORD };

describe('R78 to R86: deactivated and activated again', () => {
  test('R79, R81, R82: no sign-in, no session, no membership in force; all of it kept', async () => {
    const team = await group('Kept');
    const user = await joins(rollcall, owner, { groups: [team], name: 'Kept Person' });
    const answer = await owner.post(`/users/${user.id}/deactivate`, { reason: 'On leave', notify: true });
    expect(answer.body).toMatchObject({
      status: 'inactive',
      groups: [{ id: team, suspended: true }],
      name: 'Kept Person',
    });
    expect((await user.get('/users')).status).toBe(401);
    await expect(signIn(rollcall.server, user.email, PASSWORD)).rejects.toThrow('401');
    const counted = (await owner.get(`/groups/${team}`)).body;
    expect(counted).toMatchObject({ memberCount: 0, suspendedMemberCount: 1 });
    expect((await mailsTo(rollcall, user.email)).some(({ text }) => text?.includes('Status: Inactive'))).toBe(
      true,
    );
    const again = await owner.post(`/users/${user.id}/deactivate`, {});
    expect([again.status, again.body.code]).toEqual([409, 'already_inactive']);
  });

  test('a PATCH whose status is rejected changes nothing else', async () => {
    const before = (await owner.get(`/users/${owner.id}`)).body;
    const refused = await owner.patch(`/users/${owner.id}`, { name: 'Half Done', status: 'inactive' });
    expect(refused.body.code).toBe('self_change');
    expect((await owner.get(`/users/${owner.id}`)).body).toEqual(before);
  });

  test('R71, R72: a PATCH changes name, groups and status together, and sends one mail about it', async () => {
    const team = await group('At once');
    const user = await joins(rollcall, owner, { name: 'Before' });
    const sent = (await mailsTo(rollcall, user.email)).length;
    const changes = { name: 'After', groups: [team], status: 'inactive', notify: true };
    const answer = await owner.patch(`/users/${user.id}`, changes);
    expect(answer.body).toMatchObject({ name: 'After', status: 'inactive' });
    const mails = (await mailsTo(rollcall, user.email)).slice(sent);
    expect(mails).toHaveLength(1);
    for (const change of ['Name: After', 'Added to At once', 'Status: Inactive']) {
      expect(mails[0]?.text).toContain(change);
    }
    const back = await owner.patch(`/users/${user.id}`, { status: 'active', name: 'Again' });
    expect(back.body).toMatchObject({ name: 'Again', status: 'active', groups: [{ id: team }] });
  });

  test('R84: activation restores the groups with the role in them, and reports those that are gone', async () => {
    const [stays, goes] = [await group('Stays'), await group('Goes')];
    const user = await joins(rollcall, owner, { role: 'configure', groups: [stays, goes] });
    await owner.patch(`/groups/${stays}/members/${user.id}`, { inGroupRole: 'manager' });
    await owner.post(`/users/${user.id}/deactivate`, {});
    await owner.delete(`/groups/${goes}`);
    const { body } = await owner.post(`/users/${user.id}/activate`, {});
    expect(body.restored).toEqual([{ id: stays, name: 'Stays' }]);
    expect(body.notRestored).toEqual([{ id: goes, name: 'Goes' }]);
    expect(body.user.groups).toEqual([
      {
        id: stays,
        name: 'Stays',
        inGroupRole: 'manager',
        suspended: false,
        managedBy: null,
        autoAssignPattern: null,
      },
    ]);
    expect((await owner.post(`/users/${user.id}/activate`, {})).body.code).toBe('not_inactive');
  });

  test('R84, R138: a user who has not used the invitation is pending again, and its link still works', async () => {
    const email = 'waiting@rollcall.example';
    const { id } = (await owner.post('/invitations', { email, groups: [await group('Waits')] })).body.user;
    await owner.post(`/users/${id}/deactivate`, {});
    const link = `/invite/${await invitationToken(rollcall, email)}`;
    const accept = () => anonymous(rollcall.server).post(`${link}/accept`, { password: PASSWORD });
    expect((await accept()).status).toBe(404);
    const { body } = await owner.post(`/users/${id}/activate`, {});
    expect(body.user).toMatchObject({ status: 'pending', groups: [{ name: 'Waits' }] });
    expect((await accept()).body.user).toMatchObject({ status: 'active', groups: [{ name: 'Waits' }] });
    await owner.patch(`/users/${id}`, { status: 'inactive' });
    expect((await owner.patch(`/users/${id}`, { status: 'active' })).body.status).toBe('active');
  });

  test('R85: SCIM does the same, and the membership of a SCIM group waits as well', async () => {
    const made = await organization.scim('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'pushed@rollcall.example',
      emails: [{ value: 'pushed@rollcall.example', type: 'work', primary: true }],
    });
    const { id } = made.body;
    const pushed = await organization.scim('POST', '/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: 'Pushed group',
      members: [{ value: id }],
    });
    const active = (value: boolean) =>
      organization.scim('PATCH', `/Users/${id}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'active', value }],
      });
    await active(false);
    expect((await owner.get(`/users/${id}`)).body).toMatchObject({
      status: 'inactive',
      managedBy: 'scim',
      groups: [{ name: 'Pushed group', suspended: true }],
    });
    expect((await owner.get(`/groups/${pushed.body.id}`)).body).toMatchObject({
      memberCount: 0,
      source: 'scim',
    });
    await active(true);
    expect((await owner.get(`/users/${id}`)).body.groups).toMatchObject([{ name: 'Pushed group' }]);
    const events = await requested('select action from events where target_id = $1 order by at, id', [id]);
    expect(events.map(({ action }) => action)).toEqual([
      'user.created',
      'user.deactivated',
      'user.activated',
    ]);
  });

  test('what a directory manages is rejected, unless an owner insists', async () => {
    const made = await organization.scim('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'managed@rollcall.example',
    });
    const path = `/users/${made.body.id}`;
    const admin = await joins(rollcall, owner, { role: 'admin' });
    for (const who of [admin, owner]) {
      expect((await who.patch(path, { name: 'Mine now' })).body.code).toBe('managed_by_directory');
      expect((await who.post(`${path}/deactivate`, {})).body.code).toBe('managed_by_directory');
    }
    expect((await admin.patch(`${path}?force=true`, { name: 'Mine now' })).body.code).toBe(
      'managed_by_directory',
    );
    expect((await owner.patch(`${path}?force=true`, { name: 'Mine now' })).body.name).toBe('Mine now');
  });
});

describe('R87 to R94: deleted', () => {
  test('R88, R91, R94: softly, the user is out of every list, their address is free, and they can be restored', async () => {
    const user = await joins(rollcall, owner, { name: 'Soft Gone' });
    expect((await owner.delete(`/users/${user.id}`, soft)).status).toBe(204);
    expect((await owner.get('/users?q=gone')).body.data).toEqual([]);
    expect((await owner.get(`/users/${user.id}`)).body.deletedAt).toEqual(expect.any(String));
    expect((await user.get('/users')).status).toBe(401);
    const found = await organization.scim('GET', `/Users?filter=userName eq "${user.email}"`);
    expect(found.body.totalResults).toBe(0);
    await owner.post('/invitations', { email: user.email });
    const taken = await owner.post(`/users/${user.id}/restore`);
    expect([taken.status, taken.body.code]).toEqual([409, 'email_taken']);
    const other = await joins(rollcall, owner, { name: 'Comes Back' });
    await owner.delete(`/users/${other.id}`, soft);
    expect((await owner.post(`/users/${other.id}/restore`)).body.name).toBe('Comes Back');
    await signIn(rollcall.server, other.email, PASSWORD);
    expect((await owner.post(`/users/${other.id}/restore`)).body.code).toBe('not_deleted');
  });

  test('an admin neither deletes an owner nor restores one; another owner does both', async () => {
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const second = await joins(rollcall, owner, { role: 'admin' });
    await owner.put(`/users/${second.id}/owner`, { password: OWNER_PASSWORD }).expect(204);
    for (const mode of ['soft', 'hard']) {
      const refused = await admin.delete(`/users/${second.id}`, { mode, password: PASSWORD });
      expect(refused.status).toBe(403);
    }
    expect((await second.get('/me')).status).toBe(200);
    await owner.delete(`/users/${second.id}`, soft).expect(204);
    expect((await admin.post(`/users/${second.id}/restore`)).status).toBe(403);
    expect((await owner.post(`/users/${second.id}/restore`)).status).toBe(200);
  });

  test('by their id they are deleted, not active', async () => {
    const user = await joins(rollcall, owner);
    await owner.delete(`/users/${user.id}`, soft);
    expect((await owner.get(`/users/${user.id}`)).body.status).toBe('deleted');
    expect((await owner.post(`/users/${user.id}/restore`)).body.status).toBe('active');
  });

  test('R94: a user whose address is accepted comes back under another, which they sign in with', async () => {
    const user = await joins(rollcall, owner, { name: 'Moved On' });
    await owner.delete(`/users/${user.id}`, soft);
    const { id: holder } = (await owner.post('/invitations', { email: user.email })).body.user;
    const taken = await owner.post(`/users/${user.id}/restore`);
    expect([taken.status, taken.body.code]).toEqual([409, 'email_taken']);
    expect(taken.body.detail).toContain(holder);
    expect(taken.body.detail).toContain('send "email"');
    const again = await owner.post(`/users/${user.id}/restore`, { email: owner.email });
    expect([again.status, again.body.code]).toEqual([409, 'email_taken']);
    expect((await owner.post(`/users/${user.id}/restore`, { email: 'nowhere' })).status).toBe(422);
    const email = `other-${user.email}`;
    const restored = await owner.post(`/users/${user.id}/restore`, { email });
    expect(restored.body).toMatchObject({ email, name: 'Moved On', status: 'active' });
    expect((await signIn(rollcall.server, email, PASSWORD)).id).toBe(user.id);
    const filter = encodeURIComponent(`emails.value eq "${email}" and userName eq "${email}"`);
    expect((await organization.scim('GET', `/Users?filter=${filter}`)).body.totalResults).toBe(1);
  });

  test('R94: restoring names the groups that were deleted meanwhile', async () => {
    const [stays, goes] = [await group('Stays for the deleted'), await group('Goes from the deleted')];
    const user = await joins(rollcall, owner, { groups: [stays, goes] });
    await owner.delete(`/users/${user.id}`, soft);
    await owner.delete(`/groups/${goes}`);
    const { body } = await owner.post(`/users/${user.id}/restore`);
    expect(body.groups.map(({ id }: { id: string }) => id)).toEqual([stays]);
    expect(body.notRestored).toEqual([{ id: goes, name: 'Goes from the deleted' }]);
  });

  test('R94: no one remembers who was erased: restoring them is 404, as for an id that never was', async () => {
    const user = await joins(rollcall, owner);
    await owner.delete(`/users/${user.id}`, hard);
    const never = '01890000-0000-7000-8000-00000000dead';
    const answers = [
      await owner.post(`/users/${user.id}/restore`),
      await owner.post(`/users/${never}/restore`),
    ];
    expect(answers.map(({ status, body }) => [status, body.code, body.detail])).toEqual(
      Array(2).fill([404, 'not_found', 'User not found.']),
    );
  });

  test('R89: for good, nothing of the user is left in any table but the id in the audit trail', async () => {
    const user = await joins(rollcall, owner, {
      name: 'Zebulon Quux',
      groups: [await group('Of nobody')],
    });
    await user.get('/users');
    await organization.scim('PATCH', `/Users/${user.id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [
        { op: 'add', path: 'emails', value: [{ value: 'zebulon.second@rollcall.example', type: 'home' }] },
      ],
    });
    // What is still in memory is cleared by the hourly job (test/provisioning).
    await rollcall.rollcall.writeProvisioningLog();
    expect((await owner.delete(`/users/${user.id}?force=true`, hard)).status).toBe(204);
    const tables = await requested(
      `select table_name as name from information_schema.tables where table_schema = $1 and table_type = 'BASE TABLE'`,
      ['public'],
    );
    for (const { name } of tables) {
      const rows = await requested(`select * from ${name as string} t where t::text ilike any ($1)`, [
        [`%${user.email}%`, '%zebulon%', '%quux%'],
      ]);
      expect([name, name === 'groups' ? [] : rows]).toEqual([name, []]);
    }
    const events = await requested('select action from events where target_id = $1 order by at, id', [
      user.id,
    ]);
    expect(events.at(-1)).toEqual({ action: 'user.erased' });
    expect((await owner.get(`/users/${user.id}`)).status).toBe(404);
  });

  test('R89: a soft-deleted user can be removed for good, and the purge does it in the end', async () => {
    const [one, two] = [await joins(rollcall, owner), await joins(rollcall, owner)];
    for (const { id } of [one, two]) await owner.delete(`/users/${id}`, soft);
    expect((await owner.delete(`/users/${one.id}`, hard)).status).toBe(204);
    await rollcall.rollcall.db.search(
      `update users set deleted_at = now() - interval '31 days' where id = $1`,
      [two.id],
    );
    await rollcall.rollcall.purge();
    expect((await owner.get(`/users/${two.id}`)).status).toBe(404);
  });

  test('R90: with a wrong password of the administrator no user is deleted, and it is a failed attempt', async () => {
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const user = await joins(rollcall, owner);
    for (let round = 0; round < 4; round += 1) {
      const refused = await admin.delete(`/users/${user.id}`, { mode: 'hard', password: 'not mine' });
      expect([refused.status, refused.body.code]).toEqual([403, 'password_invalid']);
    }
    await admin.delete(`/users/${user.id}`, { mode: 'hard', password: 'not mine' });
    expect((await admin.get('/users')).status).toBe(401);
    expect((await owner.get(`/users/${admin.id}`)).body.locked).toBe(true);
    expect((await owner.get(`/users/${user.id}`)).status).toBe(200);
  });

  test('R62: an admin does not delete themselves', async () => {
    const admin = await joins(rollcall, owner, { role: 'admin' });
    for (const mode of ['soft', 'hard']) {
      const rejected = await admin.delete(`/users/${admin.id}`, { mode, password: PASSWORD });
      expect([mode, rejected.status, rejected.body.code]).toEqual([mode, 403, 'self_change']);
    }
  });

  test('R92: a SCIM DELETE hides, and erases if the organization wants it so', async () => {
    const create = async (userName: string) =>
      (
        await organization.scim('POST', '/Users', {
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
          userName,
        })
      ).body.id;
    const hidden = await create('hidden@rollcall.example');
    expect((await organization.scim('DELETE', `/Users/${hidden}`)).status).toBe(204);
    expect((await organization.scim('GET', `/Users/${hidden}`)).status).toBe(404);
    expect((await owner.get(`/users/${hidden}`)).body.deletedAt).toEqual(expect.any(String));
    await owner.post(`/users/${hidden}/restore`);
    expect((await owner.get(`/users/${hidden}`)).body).toMatchObject({ deletedAt: null, externalIds: [] });
    expect((await owner.delete(`/users/${hidden}`, hard)).status).toBe(204);
    await rollcall.rollcall.db.search(
      `update organizations set settings = '{"scimDeleteIsHard": true}' where id = $1`,
      [organization.org],
    );
    const erased = await create('hidden@rollcall.example');
    expect((await organization.scim('DELETE', `/Users/${erased}`)).status).toBe(204);
    expect((await organization.scim('GET', `/Users/${erased}`)).status).toBe(404);
    // Erased once an hour shows that it is no mass change.
    expect((await owner.get(`/users/${erased}`)).body.deletedAt).toEqual(expect.any(String));
    await rollcall.rollcall.db.search(
      `update waiting_erasures set due_at = now() - interval '1 second' where org_id = $1 and user_id = $2`,
      [organization.org, erased],
    );
    await rollcall.rollcall.purge();
    expect((await owner.get(`/users/${erased}`)).status).toBe(404);
    await rollcall.rollcall.db.search(`update organizations set settings = '{}' where id = $1`, [
      organization.org,
    ]);
  });

  test('R93: an owner of resources cannot be deleted until these are transferred', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    await user.post('/resources', { type: 'agent', name: 'Theirs' });
    const refused = await owner.delete(`/users/${user.id}`, hard);
    expect([refused.status, refused.body.code]).toEqual([409, 'owns_resources']);
    expect((await owner.delete(`/users/${user.id}`, { ...hard, transferTo: owner.id })).status).toBe(204);
    expect((await owner.get(`/resources?owner=${owner.id}`)).body.data).toMatchObject([{ name: 'Theirs' }]);
  });
});

describe('R121 to R125: offboarded in one go', () => {
  test('deactivates, takes groups and keys for good, hands over, and exports', async () => {
    const user = await joins(rollcall, owner, {
      role: 'configure',
      groups: [await group('Left behind')],
      name: '=Formula',
    });
    await user.post('/resources', { type: 'agent', name: 'Handed over' });
    const { body, status } = await owner.post(`/users/${user.id}/offboard`, {
      transferTo: owner.id,
      export: true,
      password: OWNER_PASSWORD,
    });
    expect([status, body]).toMatchObject([202, { removedGroups: 1, transferred: 1 }]);
    expect((await owner.get(`/users/${user.id}`)).body.status).toBe('inactive');
    expect((await owner.post(`/users/${user.id}/activate`, {})).body.restored).toEqual([]);
    await rollcall.rollcall.runDueJobsOnce();
    expect((await owner.get(`/exports/${body.exportId}`)).body.state).toBe('done');
    const zip = await owner.get(`/exports/${body.exportId}/file`).buffer(true).parse(bytes);
    const files = unzipSync(zip.body as Uint8Array);
    const whole = JSON.parse(Buffer.from(files['person.json'] as Uint8Array).toString());
    expect(whole.account).toMatchObject({ email: user.email, name: '=Formula' });
    expect(JSON.stringify(whole)).not.toMatch(/argon2|hash/);
    expect(Buffer.from(files['sign_ins.csv'] as Uint8Array).toString()).toContain('outcome');
  });

  test('takes back nothing of what was rejected', async () => {
    const user = await joins(rollcall, owner);
    const inactive = await joins(rollcall, owner);
    await owner.post(`/users/${inactive.id}/deactivate`, {});
    const refused = await owner.post(`/users/${user.id}/offboard`, { transferTo: inactive.id });
    expect([refused.status, refused.body.code]).toEqual([422, 'target_inactive']);
    expect((await owner.get(`/users/${user.id}`)).body.status).toBe('active');
  });

  test('R121: an offboarding that is rejected has begun no export: no row, no job, no event', async () => {
    const user = await joins(rollcall, owner);
    const inactive = await joins(rollcall, owner);
    await owner.post(`/users/${inactive.id}/deactivate`, {});
    const refused = await owner.post(`/users/${user.id}/offboard`, {
      transferTo: inactive.id,
      export: true,
      password: OWNER_PASSWORD,
    });
    expect([refused.status, refused.body.code]).toEqual([422, 'target_inactive']);
    const counts = await rollcall.rollcall.db.search(
      `select (select count(*)::int from exports where user_id = $1) as exports,
        (select count(*)::int from jobs where kind = 'export_person' and payload ->> 'user' = $1::text) as jobs,
        (select count(*)::int from events where target_id = $1::uuid and action = 'user.exported') as events`,
      [user.id],
    );
    expect(counts).toEqual([{ exports: 0, jobs: 0, events: 0 }]);
  });

  test('an export needs the permission, runs one at a time, and every user may export themselves', async () => {
    const [user, other] = [await joins(rollcall, owner), await joins(rollcall, owner)];
    const unproved = await user.post(`/users/${user.id}/export`, {});
    expect([unproved.status, unproved.body.code]).toEqual([403, 'step_up_required']);
    const first = await user.post(`/users/${user.id}/export`, { password: PASSWORD });
    expect(first.status).toBe(202);
    expect((await user.post(`/users/${user.id}/export`, { password: PASSWORD })).body.code).toBe(
      'export_running',
    );
    expect((await other.get(`/exports/${first.body.id}`)).status).toBe(404);
    expect((await other.post(`/users/${user.id}/export`, { password: PASSWORD })).status).toBe(404);
  });
});

function bytes(response: unknown, done: (error: Error | null, body: unknown) => void): void {
  const chunks: Buffer[] = [];
  (response as NodeJS.ReadableStream).on('data', (chunk: Buffer) => chunks.push(chunk));
  (response as NodeJS.ReadableStream).on('end', () => done(null, new Uint8Array(Buffer.concat(chunks))));
}

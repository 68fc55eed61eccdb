import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { signInAsOwner, type TestPerson } from '../support/admin.ts';
import { type Json, startRollcall, type TestRollcall, type TestTenant } from '../support/rollcall.ts';

const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** One member more: the commonest change, in a statement of its own that leaves every other case to the general one. */
describe('PATCH that adds one member', () => {
  let rollcall: TestRollcall;
  let tenant: TestTenant;
  let owner: TestPerson;
  let [user, group] = ['', ''];

  beforeAll(async () => {
    rollcall = await startRollcall();
    tenant = await rollcall.tenant();
    owner = await signInAsOwner(rollcall, tenant);
  });
  afterAll(() => rollcall.close());

  beforeEach(async () => {
    const name = randomUUID();
    const made = async (path: string, body: Json) =>
      ((await tenant.scim('POST', path, body).expect(201)).body as { id: string }).id;
    user = await made('/Users', { userName: `${name}@example.com` });
    group = await made('/Groups', { schemas: [GROUP], displayName: name });
  });

  const change = (op: 'add' | 'remove', id: string, value: string) =>
    tenant.scim('PATCH', `/Groups/${id}`, {
      schemas: [PATCH],
      Operations: [
        op === 'add'
          ? { op, path: 'members', value: [{ value }] }
          : { op, path: `members[value eq "${value}"]` },
      ],
    });
  const members = async () => {
    const { body } = await tenant.scim('GET', `/Groups/${group}`);
    return ((body as { members?: { value: string }[] }).members ?? []).map(({ value }) => value);
  };
  const events = async () => {
    const rows = await rollcall.rollcall.db.search<{ action: string }>(
      `select action from events where target_id = $1 and action like 'group.member%' order by id`,
      [group],
    );
    return rows.map(({ action }) => action);
  };

  test('repeated, it writes no second row, event or version', async () => {
    await change('add', group, user).expect(204);
    const version = ((await tenant.scim('GET', `/Groups/${group}`)).body as { meta: Json }).meta['version'];
    await change('add', group, user).expect(204);
    expect(await members()).toEqual([user]);
    expect(await events()).toEqual(['group.member_added']);
    const again = ((await tenant.scim('GET', `/Groups/${group}`)).body as { meta: Json }).meta['version'];
    expect(again).toBe(version);
  });

  test('of somebody whom an administrator put there adds a share: the membership outlives either (ADR 0012)', async () => {
    group = (await owner.post('/groups', { name: randomUUID() })).body.id;
    const byHand = await owner.post(`/groups/${group}/members`, { userIds: [user] });
    expect(byHand.status).toBeLessThan(300);
    await change('add', group, user).expect(204);
    const [row] = await rollcall.rollcall.db.search<{ sources: string[] }>(
      'select sources from group_members where group_id = $1',
      [group],
    );
    expect(row?.sources).toEqual(['manual', 'scim']);
    await change('remove', group, user).expect(204);
    expect(await members()).toEqual([user]);
    expect(await events()).toEqual(['group.member_added']);
  });

  test('of nobody is 400 invalidValue, to no group 404; neither writes anything', async () => {
    const nobody = await change('add', group, randomUUID());
    expect([nobody.status, (nobody.body as Json)['scimType']]).toEqual([400, 'invalidValue']);
    const nowhere = await change('add', randomUUID(), user);
    expect(nowhere.status).toBe(404);
    await tenant.scim('DELETE', `/Users/${user}`).expect(204);
    const gone = await change('add', group, user);
    expect([gone.status, (gone.body as Json)['scimType']]).toEqual([400, 'invalidValue']);
    expect(await events()).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let ada: string;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  const invited = await owner.post('/users', { email: 'ada.king@acme.example', name: 'Ada Lovelace' });
  ada = invited.body.user.id;
  await owner.post('/users', { email: 'grace@navy.example', name: 'Grace Hopper', invite: false });
});
afterAll(() => rollcall.close());

const find = async (q: string, more = '') =>
  ((await owner.get(`/users?q=${encodeURIComponent(q)}${more}`)).body.data as { email: string }[]).map(
    ({ email }) => email,
  );

describe('a user is found', () => {
  test.each([
    ['lovel', ['ada.king@acme.example']],
    ['VELACE', ['ada.king@acme.example']],
    ['king@acme', ['ada.king@acme.example']],
    ['a.king', ['ada.king@acme.example']],
    ['da love', ['ada.king@acme.example']],
    ['opper', ['grace@navy.example']],
    ['navy.ex', ['grace@navy.example']],
    ['ho', ['grace@navy.example']],
    ['pp', []],
    ['a%king', []],
    ['a_king', []],
    ['no user of this name', []],
  ])('R69: by any part of a name or address: %s', async (q, emails) => {
    expect(await find(q)).toEqual(emails);
  });

  test('by a new name and a new address, and by the old ones no more', async () => {
    const made = await organization.scim('POST', '/Users', { schemas, userName: 'first.name@scim.example' });
    expect(await find('rst.name')).toEqual(['first.name@scim.example']);
    await organization.scim('PUT', `/Users/${made.body.id}`, {
      schemas,
      userName: 'second.name@scim.example',
      displayName: 'Katherine Johnson',
    });
    expect(await find('rst.name')).toEqual([]);
    expect(await find('cond.name')).toEqual(['second.name@scim.example']);
    expect(await find('therine jo')).toEqual(['second.name@scim.example']);
    await owner.patch(`/users/${ada}`, { name: 'Augusta Ada' });
    expect(await find('velace')).toEqual([]);
    expect(await find('gusta')).toEqual(['ada.king@acme.example']);
  });

  test('once deleted only among the deleted, and as before once restored', async () => {
    const { user } = (await owner.post('/users', { email: 'restored@acme.example' })).body;
    await owner.delete(`/users/${user.id}`, { mode: 'soft', password: OWNER_PASSWORD });
    expect(await find('estored')).toEqual([]);
    expect(await find('estored', '&includeDeleted=true')).toEqual(['restored@acme.example']);
    await owner.post(`/users/${user.id}/restore`);
    expect(await find('estored')).toEqual(['restored@acme.example']);
  });

  test('by a part that more than a thousand have, page by page', async () => {
    await rollcall.rollcall.db.search(
      `with u as (
          insert into users (org_id, id, user_name, user_name_key, email, email_key, status, role, source, created_at,
            updated_at, profile)
          select $1, gen_random_uuid(), e, e, e, e, 'active', 'readonly', 'scim', now(), now(), '{}'
          from (select 'many' || n || '@crowd.example' as e from generate_series(1, 1500) n) x returning id, email_key
        )
        insert into user_search select $1, id, email_key from u`,
      [organization.org],
    );
    const { body } = await owner.get('/users?q=crowd.ex&limit=200&sort=email');
    expect([body.data.length, body.nextCursor === null]).toEqual([200, false]);
    const next = await owner.get(`/users?q=crowd.ex&limit=200&sort=email&cursor=${body.nextCursor}`);
    expect(next.body.data[0].email > body.data[199].email).toBe(true);
    expect(await find('many777@')).toEqual(['many777@crowd.example']);
  });

  test('in their own organization only', async () => {
    const stranger = await signInAsOwner(rollcall, await rollcall.organization({ name: 'Theirs' }));
    expect((await stranger.get('/users?q=gusta')).body.data).toEqual([]);
  });
});

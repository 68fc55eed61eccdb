import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import knex from 'knex';
import { up } from '../../migrations/0075_derive_names.ts';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
const userName = 'ada@derived.example';
const name = { givenName: 'Ada', familyName: 'Lovelace' };
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let ada: string;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  const emails = [{ value: userName, primary: true }];
  ada = (await organization.scim('POST', '/Users', { schemas, userName, name, emails })).body.id;
});
afterAll(() => rollcall.close());

const names = async (query: string) =>
  ((await owner.get(`/users?${query}`)).body.data as { name: string | null }[]).map((each) => each.name);
const nameOf = async (id: string) => (await owner.get(`/users/${id}`)).body.name;

describe('a user whose directory sends the parts of a name and no displayName', () => {
  test('is called by the parts over REST, and SCIM answers as before', async () => {
    expect(await nameOf(ada)).toBe('Ada Lovelace');
    const { body } = await organization.scim('GET', `/Users/${ada}`);
    expect([body.name, 'displayName' in body]).toEqual([name, false]);
    for (const [filter, total] of [
      ['displayName eq "Ada Lovelace"', 0],
      ['displayName pr', 0],
      ['name.familyName eq "Lovelace"', 1],
    ] as const) {
      const { body: found } = await organization.scim('GET', `/Users?filter=${encodeURIComponent(filter)}`);
      expect([filter, found.totalResults]).toEqual([filter, total]);
    }
  });

  test('is found by the name, also by two characters of the family name', async () => {
    expect(await names('q=da%20Love')).toEqual(['Ada Lovelace']);
    expect(await names('q=Lo')).toEqual(['Ada Lovelace']);
  });

  test('is sorted by the name, page by page', async () => {
    await owner.post('/users', { email: 'aaron@derived.example', name: 'Aaron', invite: false });
    await owner.post('/users', { email: 'bea@derived.example', name: 'Bea', invite: false });
    const all: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await owner.get(`/users?q=derived.example&sort=name&limit=1${cursor}`);
      all.push(...body.data.map((each: { name: string }) => each.name));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(all).toEqual(['Aaron', 'Ada Lovelace', 'Bea']);
  });

  test('is called so in the members of a group', async () => {
    const group = (await owner.post('/groups', { name: 'Derived' })).body.id;
    await owner.post(`/groups/${group}/members`, { userIds: [ada] });
    const { body } = await owner.get(`/groups/${group}/members`);
    expect(JSON.stringify(body.data)).toContain('Ada Lovelace');
  });

  test('has another name once the directory sends other parts or a displayName', async () => {
    const changed = { givenName: 'Ada', familyName: 'King', formatted: 'Countess Ada King' };
    await organization.scim('PUT', `/Users/${ada}`, { schemas, userName, name: changed });
    expect([await nameOf(ada), await names('q=ntess'), await names('q=Lovel')]).toEqual([
      'Countess Ada King',
      ['Countess Ada King'],
      [],
    ]);
    const patch = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
    const Operations = [{ op: 'add', path: 'displayName', value: 'A. King' }];
    await organization.scim('PATCH', `/Users/${ada}`, { schemas: [patch], Operations });
    expect([await nameOf(ada), await names('q=ntess')]).toEqual(['A. King', []]);
    await organization.scim('PUT', `/Users/${ada}`, { schemas, userName, name });
    expect(await nameOf(ada)).toBe('Ada Lovelace');
  });

  test('has the name again after it was deleted and restored', async () => {
    const other = 'grace@derived.example';
    const made = await organization.scim('POST', '/Users', {
      schemas,
      userName: other,
      name: { formatted: 'Grace H' },
    });
    const { id } = made.body;
    await owner.delete(`/users/${id}`, { mode: 'soft', password: OWNER_PASSWORD, force: true });
    expect(await names('q=race&includeDeleted=true')).toEqual(['Grace H']);
    await owner.post(`/users/${id}/restore`);
    expect([await nameOf(id), await names('q=Grace%20H')]).toEqual(['Grace H', ['Grace H']]);
  });
});

describe('The migration', () => {
  test('names the users that were there before it, and can be repeated', async () => {
    const { db } = rollcall.rollcall;
    await db.search(
      `with u as (update users set name_from_parts = null, name_from_parts_key = null where id = $1 returning id)
        update user_search s set text = 'ada@derived.example' from u where s.user_id = u.id`,
      [ada],
    );
    expect([await nameOf(ada), await names('q=da%20Lov')]).toEqual([null, []]);
    const database = knex({ client: 'pg', connection: rollcall.databaseUrl });
    await up(database).finally(() => database.destroy());
    expect([await nameOf(ada), await names('q=da%20Lov')]).toEqual(['Ada Lovelace', ['Ada Lovelace']]);
  });
});

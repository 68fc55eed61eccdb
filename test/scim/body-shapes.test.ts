import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let rollcall: TestRollcall;
let organization: TestOrganization;
let strict: TestOrganization;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  strict = await rollcall.organization({ strict: true });
});

afterAll(() => rollcall.close());

const patchOf = (...Operations: unknown[]) => ({ schemas: [PATCH], Operations });
const create = async (each: TestOrganization, body: Json): Promise<Json> =>
  (await each.scim('POST', '/Users', { schemas: [USER], ...body }).expect(201)).body as Json;

test.each(['Schemas', 'SCHEMAS'])('the key %s is schemas, in both modes', async (key) => {
  for (const each of [organization, strict]) {
    const body = { [key]: [USER], userName: `key-${key === 'Schemas' ? 1 : 2}` };
    expect((await each.scim('POST', '/Users', body).expect(201)).body).toMatchObject({ schemas: [USER] });
  }
});

describe('names', () => {
  test('lose the white space around them, in bodies, in a PATCH and in a filter', async () => {
    const { id } = await create(organization, { userName: ' Bob\t', displayName: ' Bob B. ' });
    expect((await organization.scim('GET', `/Users/${id}`)).body).toMatchObject({
      userName: 'Bob',
      displayName: 'Bob B.',
    });
    await organization.scim('POST', '/Users', { userName: 'bob ' }).expect(409);
    const filter = encodeURIComponent('userName eq " bob "');
    expect((await organization.scim('GET', `/Users?filter=${filter}`)).body).toMatchObject({
      totalResults: 1,
    });
    const renamed = { op: 'replace', path: 'userName', value: ' Robert ' };
    const { body } = await organization.scim('PATCH', `/Users/${id}`, patchOf(renamed)).expect(200);
    expect(body).toMatchObject({ userName: 'Robert' });
  });

  test('that are blank are rejected where they are required, and no value where they are not', async () => {
    for (const each of [organization, strict]) {
      const { id } = await create(each, { userName: 'blank', displayName: ' ' });
      expect((await each.scim('GET', `/Users/${id}`)).body).not.toHaveProperty('displayName');
      const blank = { op: 'replace', path: 'userName', value: '  ' };
      await each.scim('PATCH', `/Users/${id}`, patchOf(blank)).expect(400);
      const group = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: '\u00a0' };
      expect((await each.scim('POST', '/Groups', group).expect(400)).body).toMatchObject({
        scimType: 'invalidValue',
        detail: expect.stringContaining('"displayName" is required'),
      });
    }
  });
});

test.each([
  { op: 'remove', path: 'active' },
  { op: 'replace', path: 'active', value: null },
])('active that is unassigned by %j is false', async (operation) => {
  for (const each of [organization, strict]) {
    const { id } = await create(each, { userName: `${operation.op}@example.com`, active: true });
    const { body } = await each.scim('PATCH', `/Users/${id}`, patchOf(operation)).expect(200);
    expect(body).toMatchObject({ active: false });
    expect((await each.scim('GET', `/Users/${id}`)).body).toMatchObject({ active: false });
    await each.scim('DELETE', `/Users/${id}`).expect(204);
  }
});

test('two e-mails with one type and value are one', async () => {
  const emails = [
    { value: 'twice@example.com', type: 'work' },
    { value: 'twice@example.com', type: 'work', primary: true },
    { value: 'twice@example.com', type: 'home' },
  ];
  for (const each of [organization, strict]) {
    expect(await create(each, { userName: 'twice', emails })).toMatchObject({ emails: emails.slice(1) });
  }
});

test('a number is read where a string belongs, in a filter, too', async () => {
  const { id } = await create(organization, { userName: 4711, title: [8] });
  expect((await organization.scim('GET', `/Users/${id}`)).body).toMatchObject({
    userName: '4711',
    title: '8',
  });
  const { body } = await organization.scim('GET', '/Users?filter=userName%20eq%204711').expect(200);
  expect(body).toMatchObject({ totalResults: 1 });
});

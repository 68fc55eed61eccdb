import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

let rollcall: TestRollcall;
let organization: TestOrganization;
let user: string;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  const body = { userName: 'ann', [ENTERPRISE]: { department: 'R&D' } };
  user = ((await organization.scim('POST', '/Users', body).expect(201)).body as Json)['id'] as string;
});

afterAll(() => rollcall.close());

test.each(['//Users', '///Users//', '//Users?filter=userName%20eq%20%22a//b%22', '//ServiceProviderConfig'])(
  'the path %s is answered as the one without doubled slashes',
  async (path) => {
    const { body } = await organization.scim('GET', path).expect(200);
    expect(body).toEqual((await organization.scim('GET', path.replace(/^\/+/, '/')).expect(200)).body);
  },
);

test('a user is found below a base URL with a slash at its end', async () => {
  expect((await organization.scim('GET', `//Users/${user}`).expect(200)).body).toMatchObject({
    userName: 'ann',
  });
  await organization.scim('GET', `//Users//${user}`).expect(200);
});

test.each([
  ['/Users/:id', 'User not found: :id.'],
  ['/Schemas/:id', 'Schema not found: :id.'],
  ['/ResourceTypes/Nothing', 'Resource type not found: Nothing.'],
  ['/Users/a/b', 'Endpoint not found: see /ResourceTypes.'],
])('%s is 404, and the detail names what was asked for', async (path, detail) => {
  expect((await organization.scim('GET', path).expect(404)).body).toMatchObject({ detail });
});

describe('a charset', () => {
  test.each(['ISO-8859-1', '"us-ascii"', 'windows-1252'])(
    '%s is read if the body is ASCII',
    async (charset) => {
      const type = { 'Content-Type': `application/scim+json; charset=${charset}` };
      const ascii = JSON.stringify({ userName: `ascii-${charset.replaceAll('"', '')}` });
      await organization.scim('POST', '/Users', ascii, type).expect(201);
      const { body } = await organization.scim('POST', '/Users', '{"userName":"zo\u00eb"}', type).expect(415);
      expect((body as Json)['detail']).toContain('Send the body as UTF-8');
    },
  );

  test.each(['utf-16', 'UTF-16LE', 'utf-32', 'ucs-2', 'utf-7'])('%s is rejected', async (charset) => {
    const type = { 'Content-Type': `application/scim+json; charset=${charset}` };
    await organization.scim('POST', '/Users', '{"userName":"x"}', type).expect(415);
  });
});

test.each([
  ['emails[type eq "work"]', {}],
  ['department', { [ENTERPRISE]: { department: 'R&D' } }],
])('attributes=%s selects what it names', async (attributes, expected) => {
  const { body } = await organization.scim(
    'GET',
    `/Users/${user}?attributes=${encodeURIComponent(attributes)}`,
  );
  expect(body).toMatchObject({ id: user, ...expected });
  expect(body).not.toHaveProperty('userName');
});

test('attributes=emails[type eq "work"] selects emails', async () => {
  const body = { userName: 'mailed', emails: [{ value: 'm@example.com', type: 'work' }] };
  const { id } = (await organization.scim('POST', '/Users', body).expect(201)).body as Json;
  const query = encodeURIComponent('emails[type eq "work"]');
  expect((await organization.scim('GET', `/Users/${id}?attributes=${query}`)).body).toMatchObject({
    emails: body.emails,
  });
});

test('the URNs of messages are not case-sensitive, and an empty path is ignored', async () => {
  const Operations = [{ op: 'replace', path: '', value: { title: 'Engineer' } }];
  const patch = { schemas: [PATCH.toUpperCase()], Operations };
  const { body } = await organization.scim('PATCH', `/Users/${user}`, patch).expect(200);
  expect(body).toMatchObject({ title: 'Engineer' });
  await organization.scim('POST', '/Users/.search', { schemas: [SEARCH.toLowerCase()] }).expect(200);
});

test('an empty If-None-Match is no condition, and HEAD is allowed where GET is', async () => {
  await organization.scim('GET', `/Users/${user}`, undefined, { 'If-None-Match': '' }).expect(200);
  for (const path of ['/Users', `/Users/${user}`, '/Schemas']) {
    const answer = await request(rollcall.server)
      .options(`/scim/v2${path}`)
      .set('Authorization', `Bearer ${organization.token}`)
      .expect(405);
    expect(answer.headers['allow']).toContain('GET, HEAD');
    await request(rollcall.server)
      .head(`/scim/v2${path}`)
      .set('Authorization', `Bearer ${organization.token}`)
      .expect(200);
  }
});

test.each([
  ['startIndex', {}, 'a whole number'],
  ['count', [1], 'a whole number'],
  ['filter', ['userName pr'], 'a string'],
  ['sortBy', 7, 'a string'],
  ['attributes', [{}], 'an array of strings'],
])('a .search whose %s is %j returns what it must be', async (name, value, expected) => {
  const { body } = await organization
    .scim('POST', '/Users/.search', { schemas: [SEARCH], [name]: value })
    .expect(400);
  expect(body).toMatchObject({ scimType: 'invalidValue', detail: `"${name}" must be ${expected}.` });
});

test('an unsupported operation is rejected with a plain sentence', async () => {
  expect((await organization.scim('GET', '/Me').expect(501)).body).toMatchObject({
    detail: '/Me is not supported: a token belongs to a connection, not to a user.',
  });
});

describe('sortBy at the root', () => {
  let sorted: TestOrganization;

  beforeAll(async () => {
    sorted = await rollcall.organization();
    const named = [
      ['/Users', { userName: 'z', displayName: 'delta' }],
      ['/Groups', { displayName: 'Bravo' }],
      ['/Users', { userName: 'y', displayName: 'Alpha' }],
      ['/Groups', { displayName: 'charlie' }],
      ['/Users', { userName: 'x' }],
    ] as const;
    for (const [path, body] of named) await sorted.scim('POST', path, body).expect(201);
  });

  const names = async (search: Json): Promise<unknown[]> => {
    const { body } = await sorted
      .scim('POST', '/.search', {
        schemas: [SEARCH],
        filter: 'meta.created pr and not (userName sw "owner-")',
        ...search,
      })
      .expect(200);
    const { totalResults, Resources } = body as { totalResults: number; Resources: Json[] };
    expect(totalResults).toBe(5);
    return Resources.map((each) => each['displayName'] ?? each['userName']);
  };

  test('mixes users and groups by what both have, on every page', async () => {
    const ascending = ['Alpha', 'Bravo', 'charlie', 'delta', 'x'];
    expect(await names({ sortBy: 'displayName' })).toEqual(ascending);
    expect(await names({ sortBy: 'displayName', sortOrder: 'descending' })).toEqual([...ascending].reverse());
    const pages: unknown[] = [];
    for (const startIndex of [1, 3, 5]) {
      pages.push(...(await names({ sortBy: 'displayName', startIndex, count: 2 })));
    }
    expect(pages).toEqual(ascending);
    expect(await names({ sortBy: 'meta.created' })).toEqual(['delta', 'Bravo', 'Alpha', 'charlie', 'x']);
    expect(await names({ sortBy: 'id', sortOrder: 'descending' })).toEqual([
      'x',
      'charlie',
      'Alpha',
      'Bravo',
      'delta',
    ]);
    expect(await names({ sortBy: 'meta.resourceType', count: 2 })).toEqual(['Bravo', 'charlie']);
    expect(await names({ sortBy: 'displayName', count: 0 })).toEqual([]);
    expect(await names({ sortBy: 'displayName', startIndex: 2_000 })).toEqual([]);
  });

  test('puts what lacks the attribute last, or first when descending', async () => {
    expect(await names({ sortBy: 'userName' })).toEqual(['x', 'Alpha', 'delta', 'Bravo', 'charlie']);
    expect(await names({ sortBy: 'userName', sortOrder: 'descending', count: 3 })).toEqual([
      'Bravo',
      'charlie',
      'delta',
    ]);
  });

  test('by what neither has is rejected', async () => {
    const search = { schemas: [SEARCH], sortBy: 'shoeSize' };
    expect((await sorted.scim('POST', '/.search', search).expect(400)).body).toMatchObject({
      scimType: 'invalidValue',
    });
  });
});

test('a SCIM schema in the body of a user compares without regard to case', async () => {
  await organization.scim('POST', '/Users', { schemas: [USER.toUpperCase()], userName: 'upper' }).expect(201);
});

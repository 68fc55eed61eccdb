import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { signInAsOwner } from '../support/admin.ts';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

let rollcall: TestRollcall;
let ours: TestOrganization;
let theirs: TestOrganization;
let theirUser: string;
let theirGroup: string;

const ann = {
  schemas: [USER],
  userName: 'ann@example.com',
  externalId: 'ext-1',
  emails: [{ value: 'ann@example.com' }],
};
const team = (members: string[]) => ({
  schemas: [GROUP],
  displayName: 'Team',
  externalId: 'group-1',
  members: members.map((value) => ({ value })),
});
const idOf = ({ body }: { body: unknown }) => (body as { id: string }).id;

beforeAll(async () => {
  rollcall = await startRollcall();
  [ours, theirs] = [
    await rollcall.organization({ name: 'Ours' }),
    await rollcall.organization({ name: 'Theirs' }),
  ];
  for (const organization of [ours, theirs]) {
    const user = idOf(await organization.scim('POST', '/Users', ann).expect(201));
    const group = idOf(await organization.scim('POST', '/Groups', team([user])).expect(201));
    if (organization === theirs) [theirUser, theirGroup] = [user, group];
  }
});
afterAll(() => rollcall.close());

const patchOf = (value: object) => ({ schemas: [PATCH], Operations: [{ op: 'replace', value }] });

/** Every route, with what a legal request to it is. */
const routes: readonly (readonly [method: string, path: () => string, body?: () => unknown])[] = [
  ['GET', () => '/Users'],
  ['POST', () => '/Users', () => ann],
  ['POST', () => '/Users/.search', () => ({ schemas: [SEARCH] })],
  ['GET', () => `/Users/${theirUser}`],
  ['PUT', () => `/Users/${theirUser}`, () => ({ ...ann, title: 'stolen' })],
  ['PATCH', () => `/Users/${theirUser}`, () => patchOf({ title: 'stolen' })],
  ['DELETE', () => `/Users/${theirUser}`],
  ['GET', () => '/Groups'],
  ['POST', () => '/Groups', () => team([])],
  ['POST', () => '/Groups/.search', () => ({ schemas: [SEARCH] })],
  ['GET', () => `/Groups/${theirGroup}`],
  ['PUT', () => `/Groups/${theirGroup}`, () => ({ schemas: [GROUP], displayName: 'Stolen' })],
  ['PATCH', () => `/Groups/${theirGroup}`, () => patchOf({ displayName: 'Stolen' })],
  ['DELETE', () => `/Groups/${theirGroup}`],
  ['GET', () => '/'],
  ['POST', () => '/.search', () => ({ schemas: [SEARCH] })],
  ['GET', () => '/ServiceProviderConfig'],
  ['GET', () => '/ResourceTypes'],
  ['GET', () => '/Schemas'],
  ['GET', () => '/Me'],
  ['GET', () => '/nowhere'],
];

const send = (method: string, path: string, body: unknown, authorization?: string) => {
  const verb = method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
  const sent = request(rollcall.server)[verb](`/scim/v2${path}`);
  if (authorization !== undefined) sent.set('Authorization', authorization);
  return body === undefined
    ? sent
    : sent.set('Content-Type', 'application/scim+json').send(JSON.stringify(body));
};

describe.each(routes)('%s %s', (method, path, body) => {
  test.each([
    ['no credential', undefined],
    ['an unknown token', 'Bearer rollcall_scim_unknown'],
    ['another scheme', 'Basic YWRtaW46YWRtaW4='],
    ['an empty header', 'Bearer '],
  ])('answers 401 to %s', async (_, authorization) => {
    const answer = await send(method, path(), body?.(), authorization);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(JSON.parse(answer.text || String(answer.body))).toMatchObject({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '401',
    });
  });
});

describe('another organization', () => {
  const withId = routes.filter(([, path]) => path.toString().includes('their'));

  test.each(withId.map((route) => ({ route })))(
    '$route.0 of its resource is 404, and changes nothing',
    async ({ route }) => {
      const [method, path, body] = route;
      expect(withId).toHaveLength(8);
      const before = await theirs.scim('GET', path()).expect(200);
      await ours.scim(method, path(), body?.()).expect(404);
      expect((await theirs.scim('GET', path()).expect(200)).body).toEqual(before.body);
    },
  );

  test.each([
    ['GET', '/Users', undefined],
    ['GET', '/Groups', undefined],
    ['GET', '/', undefined],
    ['GET', `/Users?filter=${encodeURIComponent('userName eq "ann@example.com"')}`, undefined],
    ['GET', `/Users?filter=${encodeURIComponent('externalId eq "ext-1"')}`, undefined],
    ['GET', `/Users?filter=${encodeURIComponent('emails.value eq "ann@example.com"')}`, undefined],
    ['GET', `/Users?filter=${encodeURIComponent('id pr')}`, undefined],
    ['GET', `/Groups?filter=${encodeURIComponent('displayName eq "Team"')}`, undefined],
    ['POST', '/Users/.search', { schemas: [SEARCH], filter: 'userName co "ann"' }],
    ['POST', '/.search', { schemas: [SEARCH] }],
  ])('%s %s shows none of its users', async (method, path, body) => {
    const answer = await ours.scim(method, path, body).expect(200);
    const text = JSON.stringify(answer.body);
    expect((answer.body as Json)['totalResults']).toBeGreaterThan(0);
    expect(text).not.toContain(theirUser);
    expect(text).not.toContain(theirGroup);
  });

  test.each([`id eq "THEIR_USER"`, `groups.value eq "THEIR_GROUP"`])(
    'cannot be asked for by %s',
    async (filter) => {
      const real = filter.replace('THEIR_USER', theirUser).replace('THEIR_GROUP', theirGroup);
      const answer = await ours.scim('GET', `/Users?filter=${encodeURIComponent(real)}`).expect(200);
      expect((answer.body as Json)['totalResults']).toBe(0);
    },
  );

  test('has no users who could be members here', async () => {
    const refused = await ours.scim('POST', '/Groups', {
      ...team([theirUser]),
      displayName: 'Mixed',
      externalId: 'm',
    });
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ scimType: 'invalidValue' });
    const none = await ours.scim('GET', `/Groups?filter=${encodeURIComponent('displayName eq "Mixed"')}`);
    expect((none.body as Json)['totalResults']).toBe(0);
  });
});

describe('a token', () => {
  test('ends within a second of being revoked', async () => {
    const organization = await rollcall.organization();
    await organization.scim('GET', '/Users').expect(200);
    await rollcall.rollcall.db.search('update scim_tokens set revoked_at = now() where org_id = $1', [
      organization.org,
    ]);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    await organization.scim('GET', '/Users').expect(401);
  });

  test('is rejected once it has expired', async () => {
    const organization = await rollcall.organization();
    await rollcall.rollcall.db.search(
      `update scim_tokens set expires_at = now() - interval '1 second' where org_id = $1`,
      [organization.org],
    );
    await organization.scim('GET', '/Users').expect(401);
  });

  test('is kept as a hash only', async () => {
    const rows = await rollcall.rollcall.db.search<{ row: string }>(
      'select t::text as row from scim_tokens t',
      [],
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ row }) => row.includes(ours.token))).toEqual([]);
  });
});

test('a new user with the address of another organization’s owner is a user of their own', async () => {
  const { body } = await ours
    .scim('POST', '/Users', { schemas: [USER], userName: theirs.ownerEmail })
    .expect(201);
  const owners = await rollcall.rollcall.db.search<{ id: string }>(
    'select id from users where org_id = $1 and owner',
    [theirs.org],
  );
  expect(owners.map(({ id }) => id)).not.toContain((body as { id: string }).id);
});

test('an invited user is adopted in the organization of the connection, also if another one invited them, too', async () => {
  const email = 'invited-twice@example.com';
  const invited = async (organization: TestOrganization) => {
    const owner = await signInAsOwner(rollcall, organization);
    await owner.post('/invitations', { email }).expect(201);
  };
  await invited(theirs);
  await invited(ours);
  const { body } = await ours.scim('POST', '/Users', { schemas: [USER], userName: email }).expect(201);
  const rows = await rollcall.rollcall.db.search<{ org_id: string }>(
    'select org_id from users where id = $1',
    [(body as { id: string }).id],
  );
  expect(rows).toEqual([{ org_id: ours.org }]);
});

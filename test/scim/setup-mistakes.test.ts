import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pino from 'pino';
import request from 'supertest';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let rollcall: TestRollcall;
let organization: TestOrganization;
const lines: string[] = [];

beforeAll(async () => {
  rollcall = await startRollcall({ log: pino({ level: 'info' }, { write: (line) => lines.push(line) }) });
  organization = await rollcall.organization();
});
afterAll(() => rollcall.close());

const detailOf = (body: unknown) => (body as Json)['detail'] as string;

test.each([
  [`rollcall_key_${'a'.repeat(43)}`, 'This is an API key'],
  ['eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJ4In0.c2ln', 'This is a JSON Web Token'],
  ['x'.repeat(40), 'The token is unknown, expired or revoked'],
])('Names the kind of credential %s and the one that SCIM accepts', async (token, sentence) => {
  const { status, body, headers } = await request(rollcall.server)
    .get('/scim/v2/Users?count=1')
    .set('Authorization', `Bearer ${token}`);
  expect([status, (body as Json)['status'], headers['www-authenticate']]).toEqual([
    401,
    '401',
    'Bearer realm="SCIM", error="invalid_token"',
  ]);
  expect(detailOf(body)).toContain(sentence);
});

test.each([
  '/Users',
  '/scim/Users',
  '/v2/Users?startIndex=1&count=2',
  '/scim/v1/Groups',
  '/ServiceProviderConfig',
])('Answers %s, a request to a wrong base URL, with the end of the right one', async (path) => {
  const { status, body, type } = await request(rollcall.server).get(path);
  expect([status, type, (body as Json)['status']]).toEqual([404, 'application/scim+json', '404']);
  expect(detailOf(body)).toBe('Not found: the SCIM base URL ends in /scim/v2.');
});

test('Answers other unknown paths with a problem document', async () => {
  const { status, body, type } = await request(rollcall.server).get('/Userschaft');
  expect([status, type, (body as Json)['code']]).toEqual([404, 'application/problem+json', 'not_found']);
});

test.each(['/Users/Users', '/Users/Groups', '/Groups/Users'])(
  'Explains for %s that the base URL ends with a resource type',
  async (path) => {
    const { body } = await organization.scim('GET', path).expect(404);
    expect(detailOf(body)).toBe('Not found: the SCIM base URL ends in /scim/v2, without /Users or /Groups.');
  },
);

test('Names for each shared address the user who signs in with it', async () => {
  const emails = [{ value: 'twin@example.com', primary: true }];
  const first = await organization
    .scim('POST', '/Users', { schemas: [CORE], userName: 'twin-1', emails })
    .expect(201);
  expect(first.headers).not.toHaveProperty('rollcall-note');
  const second = await organization
    .scim('POST', '/Users', { schemas: [CORE], userName: 'twin-2', emails })
    .expect(201);
  expect(second.headers['rollcall-note']).toBe(
    `The e-mail address stays in the profile only: it is the sign-in address of user ${(first.body as Json)['id']}.`,
  );
});

test.each<[method: 'POST' | 'PUT' | 'PATCH', body: object]>([
  ['POST', { schemas: [CORE], userName: 'role-post', roles: [{ value: 'admin' }] }],
  ['PUT', { schemas: [CORE], userName: 'role-put', roles: ['admin'] }],
  ['PATCH', { schemas: [PATCH], Operations: [{ op: 'add', path: 'roles', value: [{ value: 'admin' }] }] }],
])('Explains that roles sent by %s have no effect while the role source is app', async (method, body) => {
  const created = await organization.scim('POST', '/Users', {
    schemas: [CORE],
    userName: `for-${method}`,
    roles: [],
  });
  expect(created.headers).not.toHaveProperty('rollcall-note');
  const path = method === 'POST' ? '/Users' : `/Users/${(created.body as Json)['id']}`;
  const { status, headers } = await organization.scim(method, path, body);
  expect(status).toBeLessThan(300);
  expect(headers['rollcall-note']).toBe(
    'The roles are stored and give no role: the role source of this connection is "app".',
  );
  const deadline = Date.now() + 5_000;
  const line = () => lines.find((each) => each.includes(headers['x-request-id'] as string));
  while (line() === undefined && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  expect(JSON.parse(line() as string)).toMatchObject({ notes: [headers['rollcall-note']] });
});

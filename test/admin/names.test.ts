import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mailsTo, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const TWO_LINES = 'Ada\r\nLovelace\u2028 (Countess)';
const ONE_LINE = 'Ada Lovelace (Countess)';
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

describe.each([
  ['a user', '/users', { email: 'ada@rollcall.example' }, 'user'],
  ['an invited user', '/invitations', { email: 'lovelace@rollcall.example' }, 'user'],
  ['a group', '/groups', {}, undefined],
  ['a resource', '/resources', { type: 'agent' }, undefined],
  ['a service account', '/service-accounts', {}, undefined],
  ['a SCIM connection', '/scim/connections', {}, undefined],
  ['an SSO connection', '/sso/connections', { protocol: 'saml', provider: 'okta' }, undefined],
] as const)('the name of %s', (_what, path, more, within) => {
  test('is on one line', async () => {
    const { status, body } = await owner.post(path, { ...more, name: TWO_LINES });
    expect([status, (within === undefined ? body : body[within]).name]).toEqual([201, ONE_LINE]);
  });

  test('has 200 characters at most', async () => {
    const { status, body } = await owner.post(path, { ...more, name: 'x'.repeat(201) });
    expect([status, body.errors[0].path]).toEqual([422, 'name']);
  });
});

describe('a directory that sends a name on two lines', () => {
  test('has a user with a name on one line', async () => {
    const { body } = await organization.scim('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'two-lines@rollcall.example',
      displayName: TWO_LINES,
    });
    expect(body.displayName).toBe(ONE_LINE);
  });

  test('has a group with a name on one line, also after a change', async () => {
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
    const made = await organization.scim('POST', '/Groups', { schemas, displayName: `1 ${TWO_LINES}` });
    expect(made.body.displayName).toBe(`1 ${ONE_LINE}`);
    const path = `/Groups/${made.body.id}`;
    await organization.scim('PUT', path, { schemas, displayName: `2 ${TWO_LINES}` });
    expect((await organization.scim('GET', path)).body.displayName).toBe(`2 ${ONE_LINE}`);
  });
});

test('a group whose name has a separator is named in CSV with quotes or a backslash', async () => {
  await owner.post('/groups', { name: 'Sales; EMEA' });
  const csv = [
    'email,name,role,groups',
    'quoted@rollcall.example,,readonly,"""Sales; EMEA"""',
    String.raw`escaped@rollcall.example,,readonly,Sales\; EMEA`,
  ].join('\n');
  const { body } = await owner.post('/imports').set('Content-Type', 'text/csv').send(csv);
  expect(body.counts).toMatchObject({ add: 2, error: 0 });
  await owner.post(`/imports/${body.id}/confirm`);
  await mailsTo(rollcall, 'quoted@rollcall.example');
  const { data } = (await owner.get('/users?q=quoted')).body;
  expect(data[0].groups).toMatchObject([{ name: 'Sales; EMEA' }]);
});

test('a new name of an SSO connection is a change of it', async () => {
  const body = { name: 'Okta', protocol: 'saml', provider: 'okta' };
  const made = (await owner.post('/sso/connections', body)).body;
  const renamed = await owner.patch(`/sso/connections/${made.id}`, { name: 'Okta Workforce' });
  expect(Date.parse(renamed.body.updatedAt)).toBeGreaterThan(Date.parse(made.updatedAt));
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

test('a user shows the provisioned profile and the names at the directory', async () => {
  const made = await organization.scim('POST', '/Users', {
    schemas: [CORE, ENTERPRISE],
    userName: 'ada@profiles.example',
    externalId: '00u1',
    title: 'Engineer',
    timezone: 'Europe/London',
    phoneNumbers: [{ value: '+44 20 7946 0000', type: 'work' }],
    [ENTERPRISE]: { department: 'Engines', employeeNumber: '7001' },
  });
  const { body } = await owner.get(`/users/${made.body.id}`);
  expect(body.externalIds).toEqual([
    { connectionId: organization.connection, connectionName: 'Test', externalId: '00u1' },
  ]);
  expect(body.profile).toMatchObject({
    title: 'Engineer',
    timezone: 'Europe/London',
    department: 'Engines',
    employeeNumber: '7001',
    locale: null,
    phoneNumbers: [{ value: '+44 20 7946 0000', type: 'work' }],
  });
});

test('a user without a directory has an empty profile', async () => {
  const { body } = await owner.get(`/users/${owner.id}`);
  expect([body.externalIds, body.profile.title, body.profile.phoneNumbers]).toEqual([[], null, []]);
});

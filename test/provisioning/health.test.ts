import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const HOUR = 3_600_000;
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let shift = 0;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(Date.now() + shift) });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';

async function health(connection: string = organization.connection): Promise<Json> {
  await rollcall.rollcall.writeProvisioningLog();
  const { status, body } = await owner.get(`/scim/connections/${connection}/health`);
  expect(status).toBe(200);
  return body as Json;
}

test('a connection without requests is neither failing nor silent', async () => {
  const { body } = await owner.post('/scim/connections', { name: 'Entra ID' });
  expect(await health((body as Json)['id'] as string)).toEqual({
    lastRequestAt: null,
    requests: 0,
    failed: 0,
    changed: 0,
    failingSince: null,
    silent: false,
    users: 0,
    groups: 0,
    tokensEndAt: null,
  });
});

test('requests are counted by what became of them, and it is failing until one succeeds', async () => {
  const jane = { schemas: [USER], userName: 'jane@rollcall.example' };
  expect((await organization.scim('POST', '/Users', jane)).status).toBe(201);
  const first = await organization.scim('POST', '/Users', jane);
  expect(first.status).toBe(409);
  expect((await organization.scim('POST', '/Users', jane)).status).toBe(409);
  const failing = await health();
  expect(failing).toMatchObject({ requests: 3, failed: 2, changed: 1, users: 1, groups: 0 });
  const logged = await owner.get(`/scim/connections/${organization.connection}/requests?status=error`);
  const oldest = (logged.body as { data: Json[] }).data.at(-1);
  expect(failing['failingSince']).toBe(oldest?.['at']);

  expect((await organization.scim('GET', '/Users?count=1')).status).toBe(200);
  expect(await health()).toMatchObject({ requests: 4, failed: 2, changed: 1, failingSince: null });
});

test('it is silent after as many hours as the alert rule says, and not where the rule is off', async () => {
  shift = 71 * HOUR;
  owner = await signInAsOwner(rollcall, organization);
  expect(await health()).toMatchObject({ requests: 0, silent: false });
  shift = 73 * HOUR;
  owner = await signInAsOwner(rollcall, organization);
  expect(await health()).toMatchObject({ silent: true });
  await owner.put('/alert-rules', { silent_connection: { enabled: false } }).expect(200);
  expect(await health()).toMatchObject({ silent: false });
});

test('the answer of a connection has the SCIM base URL', async () => {
  const { body } = await owner.get(`/scim/connections/${organization.connection}`);
  expect((body as Json)['baseUrl']).toMatch(/^https?:\/\/[^/]+\/scim\/v2$/);
});

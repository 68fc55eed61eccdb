import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  type Json,
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

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
    hours: Array.from({ length: 24 }, () => ({ start: expect.any(String), requests: 0, failed: 0 })),
    failingSince: null,
    silent: false,
    users: 0,
    groups: 0,
    tokensEndAt: null,
  });
});

test('requests are counted by what became of them, and a name that is taken is no failure of the connection', async () => {
  const jane = { schemas: [USER], userName: 'jane@rollcall.example' };
  expect((await organization.scim('POST', '/Users', jane)).status).toBe(201);
  for (let round = 0; round < 4; round += 1) {
    expect((await organization.scim('POST', '/Users', jane)).status).toBe(409);
  }
  expect((await organization.scim('GET', '/Users/01890000-0000-7000-8000-00000000dead')).status).toBe(404);
  expect(await health()).toMatchObject({
    requests: 6,
    failed: 5,
    changed: 1,
    users: 1,
    groups: 0,
    failingSince: null,
  });
});

test('requests are counted by the hour, of 24 hours that end now', async () => {
  const { hours } = (await health()) as { hours: { start: string; requests: number; failed: number }[] };
  const starts = hours.map(({ start }) => Date.parse(start));
  const [first = 0] = starts;
  expect(starts).toEqual(Array.from({ length: 24 }, (_, hour) => first + hour * HOUR));
  expect(new Date(first).toISOString()).toMatch(/:00:00\.000Z$/);
  expect(Date.now() - (starts.at(-1) as number)).toBeLessThan(HOUR + 60_000);
  const sum = (of: 'requests' | 'failed') => hours.reduce((total, hour) => total + hour[of], 0);
  expect([sum('requests'), sum('failed')]).toEqual([6, 5]);
});

test('it is failing from the third failure in a row on, since the first of them, until a request is answered', async () => {
  const invalid = () => organization.scim('POST', '/Users', {});
  expect((await invalid()).status).toBe(400);
  expect((await organization.scim('GET', '/Users/Users')).status).toBe(404);
  expect(await health()).toMatchObject({ failingSince: null });
  expect((await invalid()).status).toBe(400);
  const failing = await health();
  const logged = await owner.get(`/scim/connections/${organization.connection}/requests?status=error`);
  expect(failing['failingSince']).toBe((logged.body as { data: Json[] }).data[2]?.['at']);
  expect((await invalid()).status).toBe(400);
  expect((await health())['failingSince']).toBe(failing['failingSince']);

  const jane = { schemas: [USER], userName: 'jane@rollcall.example' };
  expect((await organization.scim('POST', '/Users', jane)).status).toBe(409);
  expect(await health()).toMatchObject({ failingSince: null });
});

test('it is failing while only a revoked token is used', async () => {
  const { body } = await owner.post('/scim/connections', { name: 'Revoked' }).expect(201);
  const path = `/scim/connections/${(body as Json)['id']}`;
  const issued = await owner.post(`${path}/tokens`, { password: OWNER_PASSWORD }).expect(201);
  const { id, token } = issued.body as { id: string; token: string };
  await owner.delete(`${path}/tokens/${id}`).expect(204);
  const headers = { Authorization: `Bearer ${token}` };
  for (let round = 0; round < 3; round += 1) {
    await organization.scim('GET', '/Users?count=1', undefined, headers).expect(401);
  }
  expect(await health((body as Json)['id'] as string)).toMatchObject({
    failed: 3,
    failingSince: expect.any(String),
  });
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

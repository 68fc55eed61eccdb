import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const DAY = 86_400_000;

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let shift = 0;

beforeAll(async () => {
  rollcall = await startRollcall({
    now: () => new Date(Date.now() + shift),
    limits: { perOrganization: 400, perConnection: 20, invalidPerAddress: 0 },
  });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

interface Report {
  readonly provider: string;
  readonly passed: boolean;
  readonly sentence: string;
  readonly checks: readonly { readonly name: string; readonly state: string; readonly sentence: string }[];
  readonly steps: readonly {
    readonly name: string;
    readonly method: string;
    readonly path: string;
    readonly outcome: string;
    readonly status: number | null;
    readonly ms: number | null;
    readonly error: { readonly detail: string; readonly meaning: string; readonly remedy: string } | null;
  }[];
}

const path = () => `/scim/connections/${organization.connection}`;
const selfTest = async (body: object = {}) =>
  (await owner.post(`${path()}/self-test`, body).expect(200)).body as Report;
const outcomes = ({ steps }: Report) => [...new Set(steps.map(({ outcome }) => outcome))];

/** Everything that a self-test could leave behind, the event of the run aside. */
const contents = async () =>
  (
    await rollcall.rollcall.db.search<Json>(
      `select (select count(*) from users where org_id = $1)::int as users,
        (select count(*) from groups where org_id = $1)::int as groups,
        (select count(*) from group_members where org_id = $1)::int as members,
        (select count(*) from user_links where org_id = $1)::int as links,
        (select count(*) from jobs)::int as jobs,
        (select count(*) from scim_requests where org_id = $1)::int as requests,
        (select count(*) from events where org_id = $1 and action <> 'connection.self_tested')::int as events`,
      [organization.org],
    )
  )[0];

test.each(['okta', 'entra'] as const)(
  'the requests of %s are answered, and nothing of them stays',
  async (provider) => {
    const before = await contents();
    const report = await selfTest({ provider });
    await rollcall.rollcall.writeProvisioningLog();
    expect(report.steps.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    expect(report).toMatchObject({ provider, passed: true });
    expect(report.sentence).toMatch(/^All \d+ requests were answered .* Nothing was changed\.$/);
    expect(report.steps.map(({ name, status }) => [name, status])).toEqual(
      expect.arrayContaining([
        ['Look for the person, who is not here yet', 200],
        ['Create the person', 201],
        ['Add the person to the group', 204],
        ['Deactivate the person', 200],
        ['Delete the group', 204],
      ]),
    );
    for (const { ms } of report.steps) expect(ms).toEqual(expect.any(Number));
    expect(await contents()).toEqual(before);
    const { requests, failed } = (await owner.get(`${path()}/health`)).body as Json;
    expect([requests, failed]).toEqual([0, 0]);
  },
);

test('a self-test is one event, with its result', async () => {
  const before = (await owner.get('/audit?action=connection.self_tested')).body as { data: Json[] };
  await selfTest();
  const after = (await owner.get('/audit?action=connection.self_tested')).body as { data: Json[] };
  expect(after.data).toHaveLength(before.data.length + 1);
  expect(after.data[0]).toMatchObject({ target: { id: organization.connection } });
});

test('a connection in strict mode refuses what Entra ID sends, with its meaning and remedy', async () => {
  await owner.patch(path(), { strict: true }).expect(200);
  const report = await selfTest({ provider: 'entra' });
  expect(report.passed).toBe(false);
  const failed = report.steps.find(({ outcome }) => outcome === 'failed');
  expect(failed).toMatchObject({
    name: 'Change the name and the address',
    status: 400,
    error: { remedy: expect.stringContaining('turn strict mode off') },
  });
  expect(report.sentence).toMatch(/^1 of \d+ requests failed; 2 warnings\. Nothing was changed\.$/);
  await owner.patch(path(), { strict: false }).expect(200);
});

test('a dry run, a missing token and a low limit are found without a request of the provider', async () => {
  await owner.patch(path(), { dryRun: true }).expect(200);
  const { checks } = await selfTest();
  expect(checks.map(({ name, state }) => [name, state])).toEqual([
    ['address', 'warning'],
    ['token', 'passed'],
    ['rate', 'warning'],
    ['mode', 'warning'],
  ]);
  expect(checks[2]?.sentence).toBe(
    '20 requests a second are accepted, and Entra ID needs 25: raise RATE_LIMIT_CONNECTION.',
  );
  await owner.patch(path(), { dryRun: false }).expect(200);

  const [token] = ((await owner.get(`${path()}/tokens`)).body as { data: { id: string }[] }).data;
  await owner.delete(`${path()}/tokens/${token?.id}`).expect(204);
  const without = await selfTest();
  expect(without.passed).toBe(false);
  expect(without.checks[1]).toMatchObject({ state: 'failed' });
  expect(outcomes(without)).toEqual(['passed']);
});

test('a token that ends within two weeks is a warning', async () => {
  const expiresAt = new Date(Date.now() + 20 * DAY).toISOString();
  await owner.post(`${path()}/tokens`, { expiresAt, password: 'correct battery horse 7' }).expect(201);
  expect((await selfTest()).checks[1]).toMatchObject({ state: 'passed' });
  shift = 7 * DAY;
  owner = await signInAsOwner(rollcall, organization);
  expect((await selfTest()).checks[1]).toEqual({
    name: 'token',
    state: 'warning',
    sentence: 'The last token ends in 12 days: rotate it, and enter the new one at the provider.',
  });
});

test('two self-tests of a connection at once do not disturb each other, nor does a real request', async () => {
  const group = organization.scim('POST', '/Groups', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: 'Real',
  });
  const settled = await Promise.allSettled([selfTest(), selfTest({ provider: 'entra' }), group]);
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  for (const each of settled.slice(0, 2)) {
    expect(each.status === 'fulfilled' && outcomes(each.value as Report)).toEqual(['passed']);
  }
});

test('a user without the right to administer provisioning runs no self-test', async () => {
  const reader = await joins(rollcall, owner);
  await reader.post(`${path()}/self-test`, {}).expect(403);
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Json, startRollcall, type TestRollcall, type TestTenant } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let tenant: TestTenant;
let user: string;

beforeAll(async () => {
  rollcall = await startRollcall();
  tenant = await rollcall.tenant();
  user = ((await tenant.scim('POST', '/Users', { userName: 'ann' }).expect(201)).body as Json)[
    'id'
  ] as string;
});

afterAll(() => rollcall.close());

let made = 0;
const createGroup = async (): Promise<string> => {
  made += 1;
  const body = { displayName: `Group ${made}`, externalId: `g${made}`, members: [{ value: user }] };
  return ((await tenant.scim('POST', '/Groups', body).expect(201)).body as Json)['id'] as string;
};

const membersOf = async (group: string): Promise<unknown> =>
  ((await tenant.scim('GET', `/Groups/${group}`).expect(200)).body as Json)['members'];

test.each([
  ['without members', {}],
  ['with members null', { members: null }],
  ['with no members', { members: [] }],
])('a PUT %s empties the group', async (_, members) => {
  const group = await createGroup();
  const { body } = await tenant
    .scim('PUT', `/Groups/${group}`, { displayName: `Group ${made}`, ...members })
    .expect(200);
  expect(body).not.toHaveProperty('members');
  expect(body).toMatchObject({ externalId: `g${made}` });
  expect(await membersOf(group)).toBeUndefined();
});

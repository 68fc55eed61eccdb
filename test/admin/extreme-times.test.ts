import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

/** An id says when it was made, and a client may send any: times that no id has must be no failure. */
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const FIRST = '00000000-0000-0000-0000-000000000000';
const cursor = (id: string) => `cursor=${Buffer.from(JSON.stringify(id)).toString('base64url')}`;

test.each([LAST, FIRST])('an id of no event or request, %s, is not found', async (id) => {
  const requests = `/scim/connections/${organization.connection}/requests`;
  for (const path of [`/audit/${id}`, `/audit/proofs/${id}`, `${requests}/${id}`]) {
    expect([path, (await owner.get(path)).status]).toEqual([path, 404]);
  }
  expect((await owner.post(`${requests}/${id}/replay`)).status).toBe(404);
});

test('lists take the first and the last time that there is, and ids of such times', async () => {
  const requests = `/scim/connections/${organization.connection}/requests`;
  const times = [
    'to=0001-01-01',
    'from=0001-01-01',
    'from=9999-12-31T23:59:59Z',
    'to=9999-12-31T23:59:59Z',
    'from=9999-12-31&to=0001-01-01',
  ];
  const lists = [
    '/audit',
    '/audit/export',
    '/activity',
    '/activity/export',
    `/users/${owner.id}/activity`,
    requests,
  ];
  for (const list of lists) {
    for (const query of times) {
      const path = `${list}?${query}`;
      expect([path, (await owner.get(path)).status]).toEqual([path, 200]);
    }
  }
  for (const id of [LAST, FIRST]) {
    for (const path of [
      `/audit?requestId=${id}`,
      `/audit?${cursor(id)}`,
      `${requests}?${cursor(id)}`,
      `/alerts?${cursor(id)}`,
    ]) {
      expect([path, (await owner.get(path)).status]).toEqual([path, 200]);
    }
  }
});

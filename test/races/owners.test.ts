import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, PASSWORD, signInAsOwner, type TestUser } from '../support/admin.ts';
import { lockOrganizationRow } from '../support/locks.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

/** Two owners take the ownership from each other at once, each by another way: one must remain. */
let rollcall: TestRollcall;
beforeAll(async () => {
  rollcall = await startRollcall();
});
afterAll(() => rollcall.close());

interface Pair {
  readonly organization: TestOrganization;
  readonly owners: readonly [TestUser, TestUser];
  readonly passwords: readonly [string, string];
}

/** An organization with two owners whom its directory provisions as well. */
async function pair(): Promise<Pair> {
  const organization = await rollcall.organization();
  const first = await signInAsOwner(rollcall, organization);
  const second = await joins(rollcall, first, { role: 'admin' });
  await first.put(`/users/${second.id}/owner`, { password: OWNER_PASSWORD }).expect(204);
  await rollcall.rollcall.db.search(
    `insert into user_links (org_id, user_id, connection_id)
      select org_id, id, $2 from users where org_id = $1 and owner`,
    [organization.org, organization.connection],
  );
  return { organization, owners: [first, second], passwords: [OWNER_PASSWORD, PASSWORD] };
}

/** Prepares a way to take the other one's ownership. @returns what does it */
type Way = (pair: Pair, by: 0 | 1) => Promise<() => PromiseLike<unknown>>;

const other = ({ owners }: Pair, by: 0 | 1) => owners[1 - by] as TestUser;
const me = ({ owners }: Pair, by: 0 | 1) => owners[by] as TestUser;

const ways: Readonly<Record<string, Way>> = {
  'the flag': async (two, by) => () =>
    me(two, by).delete(`/users/${other(two, by).id}/owner`, { password: two.passwords[by] }),
  'the role': async (two, by) => {
    const path = `/users/${other(two, by).id}`;
    const { impactToken } = (await me(two, by).get(`${path}/role-impact?role=train`)).body;
    return () => me(two, by).put(`${path}/role?force=true`, { role: 'train', impactToken });
  },
  'a deactivation': async (two, by) => () =>
    me(two, by).post(`/users/${other(two, by).id}/deactivate?force=true`, {}),
  'a deletion': async (two, by) => () =>
    me(two, by).delete(`/users/${other(two, by).id}?force=true`, {
      mode: 'soft',
      password: two.passwords[by],
    }),
  'SCIM, active': async (two, by) => () =>
    two.organization.scim('PATCH', `/Users/${other(two, by).id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value: false }],
    }),
  'SCIM, DELETE': async (two, by) => () => two.organization.scim('DELETE', `/Users/${other(two, by).id}`),
  'an import': async (two, by) => {
    const { body } = await me(two, by)
      .post('/imports?onDuplicate=update_role')
      .set('Content-Type', 'text/csv')
      .send(`email,name,role,groups\n${other(two, by).email},,train,` as never)
      .expect(201);
    await me(two, by).post(`/imports/${body.id}/confirm`).expect(202);
    return () => rollcall.rollcall.runDueJobsOnce();
  },
  'a review': async (two, by) => {
    const { id } = (await me(two, by).post('/reviews', {}).expect(202)).body;
    await rollcall.rollcall.tendReviews();
    const { data } = (await me(two, by).get(`/reviews/${id}/items?limit=200`)).body;
    const item = data.find(({ subject }: { subject: { id: string } }) => subject.id === other(two, by).id);
    return () => me(two, by).put(`/reviews/${id}/items/${item.id}?force=true`, { decision: 'deactivate' });
  },
};

const names = Object.keys(ways);
/** Each with itself and with the next. */
const pairs = names.flatMap((one, at) =>
  [one, names[(at + 1) % names.length] as string].map((two) => [one, two] as const),
);

describe('of two owners who take the ownership from each other at once, one remains', () => {
  test.each(pairs)('%s, %s', async (one, two) => {
    const both = await pair();
    // In this order: the preparation of a review carries out jobs, and an import is one.
    const last = await (ways[two] as Way)(both, 1);
    const acts = [await (ways[one] as Way)(both, 0), last];
    const lock = await lockOrganizationRow(rollcall.databaseUrl, both.organization.org);
    const done = acts.map((act) => act().then((given) => given));
    // Two imports are two jobs, which one worker may carry out one after the other.
    await lock.waitForWaiting(acts.length - (one === two && one === 'an import' ? 1 : 0));
    await lock.release();
    await Promise.all(done);
    const owners = await rollcall.rollcall.db.search(
      `select from users where org_id = $1 and owner and status = 'active' and deleted_at is null`,
      [both.organization.org],
    );
    expect(owners).toHaveLength(1);
  });
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let rollcall: TestRollcall;
let organization: TestOrganization;
let user: string;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  user = ((await organization.scim('POST', '/Users', { userName: 'ann' }).expect(201)).body as Json)[
    'id'
  ] as string;
});

afterAll(() => rollcall.close());

const patchOf = (...Operations: unknown[]) => ({ schemas: [PATCH], Operations });

let made = 0;
const createGroup = async (): Promise<string> => {
  made += 1;
  const body = { displayName: `Group ${made}`, externalId: `g${made}`, members: [{ value: user }] };
  return ((await organization.scim('POST', '/Groups', body).expect(201)).body as Json)['id'] as string;
};

const membersOf = async (group: string): Promise<unknown> =>
  ((await organization.scim('GET', `/Groups/${group}`).expect(200)).body as Json)['members'];

test.each([
  ['without members', {}],
  ['with members null', { members: null }],
  ['with no members', { members: [] }],
])('a PUT %s empties the group', async (_, members) => {
  const group = await createGroup();
  const { body } = await organization
    .scim('PUT', `/Groups/${group}`, { displayName: `Group ${made}`, ...members })
    .expect(200);
  expect(body).not.toHaveProperty('members');
  expect(body).toMatchObject({ externalId: `g${made}` });
  expect(await membersOf(group)).toBeUndefined();
});

test('the 204 of a PATCH has a content type and the location of the group', async () => {
  const group = await createGroup();
  for (const operation of [
    { op: 'remove', path: `members[value eq "${user}"]` },
    { op: 'replace', path: 'displayName', value: `Renamed ${made}` },
  ]) {
    const { headers, text } = await organization
      .scim('PATCH', `/Groups/${group}`, patchOf(operation))
      .expect(204);
    expect(text ?? '').toBe('');
    expect(headers['content-type']).toBe('application/scim+json; charset=utf-8');
    expect(headers['location']).toBe(`${rollcall.base}/Groups/${group}`);
  }
});

test('20,000 operations of one member each are one change', async () => {
  const { db } = rollcall.rollcall;
  const group = await createGroup();
  const others = await db.search<{ id: string }>(
    `insert into users (org_id, id, user_name, user_name_key, profile, status, role, source, created_at, updated_at)
     select $1, gen_random_uuid(), 'm' || n, 'm' || n, '{}', 'active', 'readonly', 'scim', now(), now() from generate_series(1, 10000) n
     returning id`,
    [organization.org],
  );
  const add = others.map(({ id }) => ({ op: 'add', path: 'members', value: [{ value: id }] }));
  const remove = others.slice(1).map(({ id }) => ({ op: 'remove', path: `members[value eq "${id}"]` }));
  const start = performance.now();
  await organization
    .scim(
      'PATCH',
      `/Groups/${group}`,
      patchOf(...add, { op: 'remove', path: 'members', value: [] }, ...remove),
    )
    .expect(204);
  expect(performance.now() - start).toBeLessThan(30_000);
  const members = (await membersOf(group)) as Json[];
  expect(members.map(({ value }) => value).sort()).toEqual([user, others[0]?.id].sort());
}, 60_000);

test('a client that splits a PATCH at bulk.maxOperations finds a number, which is also the limit of a Bulk', async () => {
  const { body } = await organization.scim('GET', '/ServiceProviderConfig').expect(200);
  expect((body as Json)['bulk']).toEqual({
    supported: true,
    maxOperations: 1_000,
    maxPayloadSize: 10 * 1024 * 1024,
  });
});

test('a PATCH that asks for attributes has the version of the group in ETag, as a GET has it', async () => {
  const group = await createGroup();
  const path = `/Groups/${group}`;
  const remove = patchOf({ op: 'remove', path: `members[value eq "${user}"]` });
  const changed = await organization.scim('PATCH', `${path}?attributes=displayName`, remove).expect(200);
  expect(changed.headers['etag']).toBe((await organization.scim('GET', path)).headers['etag']);
});

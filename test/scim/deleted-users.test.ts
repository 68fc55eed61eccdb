import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

/** What SCIM shows of users who were deleted but are kept for a while: nothing. */
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let rollcall: TestRollcall;
let organization: TestOrganization;
let deleted: string;
let kept: string;
let group: string;

const idOf = ({ body }: { body: unknown }) => (body as { id: string }).id;
const create = async (name: string) =>
  idOf(
    await organization
      .scim('POST', '/Users', {
        userName: `${name}@rollcall.example`,
        externalId: `ext-${name}`,
        displayName: `Person ${name}`,
        emails: [{ value: `${name}@mail.example` }],
        title: 'Clerk',
      })
      .expect(201),
  );

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  [deleted, kept] = [await create('deleted'), await create('kept')];
  const members = [deleted, kept].map((value) => ({ value }));
  group = idOf(await organization.scim('POST', '/Groups', { displayName: 'Team', members }).expect(201));
  await organization.scim('DELETE', `/Users/${deleted}`).expect(204);
  const rows = await rollcall.rollcall.db.search(
    'select from users where org_id = $1 and id = $2 and deleted_at is not null',
    [organization.org, deleted],
  );
  // The row is kept: otherwise the tests below would pass without any condition.
  expect(rows).toHaveLength(1);
});
afterAll(() => rollcall.close());

const listed = async (path: string): Promise<string[]> => {
  const { body } = await organization.scim('GET', path).expect(200);
  const { Resources, totalResults } = body as { Resources: { id: string }[]; totalResults: number };
  expect(totalResults).toBe(Resources.length);
  return Resources.map(({ id }) => id);
};

describe('a deleted user', () => {
  test('is in no list, and in no total', async () => {
    const ids = await listed('/Users');
    expect(ids).toContain(kept);
    expect(ids).not.toContain(deleted);
  });

  test('is in no sorted list', async () => {
    const ids = await listed('/Users?sortBy=userName');
    expect(ids).toContain(kept);
    expect(ids).not.toContain(deleted);
  });

  test.each([
    'title eq "Clerk"',
    'title eq "Clerk" and active eq true',
    'displayName sw "Person"',
    'not (title eq "Nobody")',
    'meta.created gt "2020-01-01T00:00:00Z"',
    'id eq "DELETED" or title eq "Clerk"',
    'emails[value ew "@mail.example"]',
  ])('is not found by a filter that scans: %s', async (filter) => {
    const ids = await listed(`/Users?filter=${encodeURIComponent(filter.replace('DELETED', deleted))}`);
    expect(ids).toContain(kept);
    expect(ids).not.toContain(deleted);
  });

  test.each([
    'id eq "DELETED"',
    'userName eq "deleted@rollcall.example"',
    'externalId eq "ext-deleted"',
    'displayName eq "Person deleted"',
    'emails[value eq "deleted@mail.example"]',
    'emails.value eq "deleted@mail.example"',
    'userName eq "deleted@rollcall.example" or externalId eq "ext-deleted" or id eq "DELETED"',
    'groups[value eq "GROUP"] and id eq "DELETED"',
  ])('is not found by a filter that looks up: %s', async (filter) => {
    const real = filter.replace('DELETED', deleted).replace('GROUP', group);
    expect(await listed(`/Users?filter=${encodeURIComponent(real)}`)).toEqual([]);
  });

  test('is in no search and no list of all types', async () => {
    for (const path of ['/Users/.search', '/.search']) {
      const { body } = await organization.scim('POST', path, { schemas: [SEARCH] }).expect(200);
      const ids = (body as { Resources: { id: string }[] }).Resources.map(({ id }) => id);
      expect(ids).toContain(kept);
      expect(ids).not.toContain(deleted);
    }
  });

  test('is no member of any group', async () => {
    const { body } = await organization.scim('GET', `/Groups/${group}`).expect(200);
    expect((body as Json)['members']).toMatchObject([{ value: kept }]);
    const filter = encodeURIComponent(`members[value eq "${deleted}"]`);
    expect(await listed(`/Groups?filter=${filter}`)).toEqual([]);
  });

  test.each(['GET', 'PUT', 'PATCH', 'DELETE'])('is not there for %s', async (method) => {
    const body =
      method === 'PUT'
        ? { userName: 'deleted@rollcall.example' }
        : { schemas: [PATCH], Operations: [{ op: 'replace', path: 'active', value: false }] };
    const sent = method === 'PUT' || method === 'PATCH' ? body : undefined;
    await organization.scim(method, `/Users/${deleted}`, sent).expect(404);
  });

  test('cannot be made a member again, alone or among others', async () => {
    for (const values of [[deleted], [deleted, kept]]) {
      const value = values.map((each) => ({ value: each }));
      const operations = { schemas: [PATCH], Operations: [{ op: 'add', path: 'members', value }] };
      await organization.scim('PATCH', `/Groups/${group}`, operations).expect(400);
    }
    const members = [{ value: deleted }];
    await organization.scim('PUT', `/Groups/${group}`, { displayName: 'Team', members }).expect(400);
    await organization.scim('POST', '/Groups', { displayName: 'Another', members }).expect(400);
  });
});

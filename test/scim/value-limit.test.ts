import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const REFUSED = 'The attribute "emails" has 101 values: a user has at most 100 of one attribute. Send fewer.';

let rollcall: TestRollcall;
let organization: TestOrganization;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
});
afterAll(() => rollcall.close());

const emails = (count: number, prefix = 'a') =>
  Array.from({ length: count }, (_, n) => ({ value: `${prefix}${n}@limit.example` }));
const add = (value: Json[]) => ({ op: 'add', path: 'emails', value });
const patch = (id: string, ...Operations: Json[]) =>
  organization.scim('PATCH', `/Users/${id}`, { schemas: [PATCH], Operations });
let made = 0;
const create = async (more: Json = {}) => {
  made += 1;
  const body = { schemas: [USER], userName: `user-${made}`, ...more };
  return ((await organization.scim('POST', '/Users', body).expect(201)).body as { id: string }).id;
};
const refusedIn = ({ status, body }: { status: number; body: object }) => [
  status,
  (body as Json)['scimType'],
  (body as Json)['detail'],
];

describe('a user has at most 100 values of one attribute', () => {
  test('by POST', async () => {
    await create({ emails: emails(100) });
    const body = { schemas: [USER], userName: 'too-many', emails: emails(101, 'b') };
    expect(refusedIn(await organization.scim('POST', '/Users', body))).toEqual([
      400,
      'invalidValue',
      REFUSED,
    ]);
  });

  test('by PUT', async () => {
    const id = await create();
    const body = { schemas: [USER], userName: `user-${made}`, emails: emails(101) };
    expect(refusedIn(await organization.scim('PUT', `/Users/${id}`, body))).toEqual([
      400,
      'invalidValue',
      REFUSED,
    ]);
  });

  test('by PATCH, whatever was there before', async () => {
    const id = await create({ emails: emails(60) });
    expect(refusedIn(await patch(id, add(emails(41, 'c'))))).toEqual([400, 'invalidValue', REFUSED]);
    await patch(id, add(emails(40, 'c'))).expect(200);
    await patch(id, { op: 'remove', path: 'emails' }, add(emails(100, 'd'))).expect(200);
  });

  test('of roles, too', async () => {
    const roles = Array.from({ length: 101 }, (_, n) => ({ value: `role-${n}` }));
    const body = { schemas: [USER], userName: 'roles', roles };
    expect((await organization.scim('POST', '/Users', body)).status).toBe(400);
  });
});

test('a request with over 10,000 values is rejected before they are looked at', async () => {
  const id = await create();
  const sentence =
    'The request has over 10,000 values of multi-valued attributes, and a user has at most 100 of one attribute. Send fewer.';
  const body = { schemas: [USER], userName: 'many', emails: emails(10_001) };
  const extension = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  for (const answer of [
    await organization.scim('POST', '/Users', body),
    await organization.scim('PUT', `/Users/${id}`, body),
    await organization.scim('PUT', `/Users/${id}`, {
      ...body,
      emails: [],
      [extension]: { tags: emails(10_001) },
    }),
    await patch(id, add(emails(10_001))),
    await patch(id, { op: 'add', value: { emails: emails(10_001) } }),
    await patch(id, ...Array.from({ length: 11 }, (_, n) => add(emails(1_000, `g${n}-`)))),
  ]) {
    expect(refusedIn(answer)).toEqual([400, 'invalidValue', sentence]);
  }
});

test('a user who had more before the limit is still deactivated, changed and given fewer', async () => {
  const id = await create({ emails: emails(90) });
  const more = JSON.stringify(emails(150));
  await rollcall.rollcall.db.search(
    `update users set profile = jsonb_set(profile, '{emails}', $3::jsonb) where org_id = $1 and id = $2 returning id`,
    [organization.org, id, more],
  );
  await patch(
    id,
    { op: 'replace', path: 'active', value: false },
    { op: 'replace', path: 'title', value: 'x' },
  ).expect(200);
  const { body } = await organization.scim('GET', `/Users/${id}`);
  await organization.scim('PUT', `/Users/${id}`, { ...(body as Json), nickName: 'y' }).expect(200);
  await patch(id, { op: 'remove', path: 'emails[value eq "a3@limit.example"]' }).expect(200);
  expect((await patch(id, add(emails(2, 'f')))).status).toBe(400);
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let rollcall: TestRollcall;
let organization: TestOrganization;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
});
afterAll(() => rollcall.close());

const made = async (path: string, body: Json) =>
  ((await organization.scim('POST', path, body).expect(201)).body as { id: string }).id;
const read = async (path: string) => {
  const answer = await organization.scim('GET', path).expect(200);
  return { body: answer.body as Json & { meta: Json }, etag: answer.headers['etag'] ?? '' };
};
const patch = (path: string, etag: string, ...Operations: Json[]) =>
  organization.scim('PATCH', path, { schemas: [PATCH], Operations }, { 'If-Match': etag });
const events = async (id: string) =>
  (await rollcall.rollcall.db.search('select from events where target_id = $1', [id])).length;

/** RFC 7644 §3.5.2.1: adding a value that is there already changes neither the resource nor its lastModified. */
describe('with If-Match, a request that changes nothing leaves version, lastModified and the audit trail', () => {
  test('of a group', async () => {
    const user = await made('/Users', { userName: randomUUID() });
    const outsider = await made('/Users', { userName: randomUUID() });
    const displayName = randomUUID();
    const members = [{ value: user }];
    const id = await made('/Groups', { schemas: [GROUP], displayName, members });
    const path = `/Groups/${id}`;
    const { body: before, etag } = await read(path);
    const count = await events(id);
    await patch(path, etag, { op: 'add', path: 'members', value: members }).expect(204);
    await patch(path, etag, { op: 'remove', path: `members[value eq "${outsider}"]` }).expect(204);
    await patch(path, etag, { op: 'replace', path: 'members', value: members }).expect(204);
    await patch(path, etag, { op: 'replace', path: 'displayName', value: displayName }).expect(204);
    await organization
      .scim('PUT', path, { schemas: [GROUP], displayName, members }, { 'If-Match': etag })
      .expect(200);
    expect((await read(path)).body).toEqual(before);
    expect(await events(id)).toBe(count);
  });

  test('of a user', async () => {
    const userName = randomUUID();
    const emails = [{ value: `${userName}@example.com`, type: 'work', primary: true }];
    const id = await made('/Users', { userName, emails });
    const path = `/Users/${id}`;
    const { body: before, etag } = await read(path);
    const count = await events(id);
    await patch(path, etag, { op: 'add', path: 'emails', value: emails }).expect(200);
    await patch(path, etag, { op: 'replace', path: 'active', value: true }).expect(200);
    await organization.scim('PUT', path, { userName, emails }, { 'If-Match': etag }).expect(200);
    expect((await read(path)).body).toEqual(before);
    expect(await events(id)).toBe(count);
  });

  test('while one that changes members moves the version, and an old version is rejected', async () => {
    const user = await made('/Users', { userName: randomUUID() });
    const id = await made('/Groups', { schemas: [GROUP], displayName: randomUUID() });
    const { etag } = await read(`/Groups/${id}`);
    const add = { op: 'add', path: 'members', value: [{ value: user }] };
    const both = await Promise.all([1, 2].map(() => patch(`/Groups/${id}`, etag, add)));
    expect(both.map(({ status }) => status).sort()).toEqual([204, 412]);
    expect((await read(`/Groups/${id}`)).etag).not.toBe(etag);
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

let clock = Date.now();

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(clock) });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

type Answer = { readonly status: number; readonly headers: Record<string, string> };

const ENTERPRISE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const scimUser = (userName: string) => ({ schemas: [ENTERPRISE], userName, active: true });
const importPeople = async (): Promise<Answer> => {
  const file = 'email,name,role,groups\nimported-by-name@rollcall.example,Imported,readonly,\n';
  const { body } = await owner.post('/imports').attach('file', Buffer.from(file), 'people.csv');
  return owner.post(`/imports/${body.id}/confirm`);
};

/** A write of each kind, and the event that it is named by. */
const writes: readonly (readonly [string, string, () => PromiseLike<Answer>])[] = [
  ['a REST write', 'group.created', () => owner.post('/groups', { name: 'Named' })],
  [
    'a SCIM write',
    'user.created',
    () => organization.scim('POST', '/Users', scimUser('named@rollcall.example')),
  ],
  [
    'a sign-in',
    'session.started',
    () =>
      request(rollcall.server)
        .post('/api/v1/auth/login')
        .send({ email: organization.ownerEmail, password: OWNER_PASSWORD }),
  ],
  [
    'a sign-in that is refused',
    'auth.failed',
    () =>
      request(rollcall.server)
        .post('/api/v1/auth/login')
        .send({ email: organization.ownerEmail, password: 'wrong battery horse 7' }),
  ],
  ['an import', 'user.invited', importPeople],
];

describe('X-Request-Id', () => {
  test.each(writes)('of %s proves its events', async (_, action, write) => {
    const { headers } = await write();
    const id = headers['x-request-id'] as string;
    expect(id).toMatch(UUID);
    await rollcall.rollcall.runDueJobsOnce();
    await rollcall.rollcall.sealEvents();
    const { proofs, unsealed } = (await owner.get(`/audit/proofs/${id}`).expect(200)).body;
    expect(unsealed).toEqual([]);
    expect(proofs.map(({ entry }: { entry: string }) => JSON.parse(entry)[3])).toContain(action);
    const found = (await owner.get(`/audit?requestId=${id}`)).body.data;
    expect(found.map((event: { id: string }) => event.id).toSorted()).toEqual(
      proofs.map(({ event }: { event: string }) => event).toSorted(),
    );
  });

  test.each([
    ['a REST write that is refused', 422, () => owner.post('/groups', {})],
    ['a REST write of nothing known', 404, () => owner.post('/nothing', {})],
    [
      'a REST write without a credential',
      401,
      () => request(rollcall.server).post('/api/v1/groups').send({}),
    ],
    ['a SCIM write that is refused', 400, () => organization.scim('POST', '/Users', {})],
    ['a SCIM write that is no JSON', 400, () => organization.scim('POST', '/Users', '{')],
    [
      'a SCIM write without a credential',
      401,
      () => request(rollcall.server).post('/scim/v2/Users').send({}),
    ],
  ] as const)('is in the answer to %s', async (_, status, write) => {
    const answer: Answer = await write();
    expect([answer.status, answer.headers['x-request-id']]).toEqual([status, expect.stringMatching(UUID)]);
  });

  test('of an import proves its events, though no worker ran for an hour', async () => {
    const file = 'email,name,role,groups\nimported-later@rollcall.example,Imported,readonly,\n';
    const { body } = await owner.post('/imports').attach('file', Buffer.from(file), 'people.csv');
    const { headers } = await owner.post(`/imports/${body.id}/confirm`).expect(202);
    clock += 3_600_000;
    await rollcall.rollcall.runDueJobsOnce();
    await rollcall.rollcall.sealEvents();
    const { proofs } = (await owner.get(`/audit/proofs/${headers['x-request-id']}`).expect(200)).body;
    expect(proofs.map(({ entry }: { entry: string }) => JSON.parse(entry)[3])).toContain('user.invited');
  });

  test('of a request that recorded nothing is proved by nothing', async () => {
    const { headers } = await owner.get('/groups');
    await owner.get(`/audit/proofs/${headers['x-request-id']}`).expect(404);
  });
});

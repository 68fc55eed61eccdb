import { type ClientRequest, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const GROUPS = 30_000;
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let from: string;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  from = new Date().toISOString();
  await delay(5);
  await rollcall.rollcall.db.search(
    `insert into history (org_id, at, kind, group_id, state)
      select $1::uuid, now(), 'group', gen_random_uuid(), jsonb_build_object('name', 'Group ' || n, 'description', null,
        'role', null, 'source', 'manual', 'createdAt', now()) from generate_series(1, ${GROUPS}) as n`,
    [organization.org],
  );
  await delay(5);
});
afterAll(() => rollcall.close());

/** Opens the export, of which nothing is read yet. */
async function open(): Promise<IncomingMessage> {
  const session = owner.get('/me') as unknown as { request(): ClientRequest };
  const cookie = String(session.request().getHeader('cookie'));
  const to = new Date().toISOString();
  const url = `${rollcall.base.replace('/scim/v2', '')}/api/v1/history/differences/export?format=ndjson&from=${from}&to=${to}`;
  return new Promise((resolve, reject) => {
    get(url, { headers: { cookie }, agent: false }, resolve).on('error', reject);
  });
}

test('an export whose client stops reading waits for it, is whole when it goes on, and adds no listeners', async () => {
  let response: ServerResponse | undefined;
  rollcall.server.once('request', (_request, sent: ServerResponse) => {
    response = sent;
  });
  let most = 0;
  const answer = await open();
  expect(answer.statusCode).toBe(200);
  await delay(500);
  let lines = 0;
  let chunks = 0;
  for await (const chunk of answer) {
    lines += (chunk as Buffer).filter((byte) => byte === 10).length;
    chunks += 1;
    most = Math.max(most, response?.listenerCount('close') ?? 0);
    if (chunks % 20 === 0) await delay(1);
  }
  expect(lines).toBe(GROUPS);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(10);
});

test('an export whose client goes away in the middle ends, and the next one is answered', async () => {
  const answer = await open();
  answer.destroy();
  await delay(50);
  expect((await owner.get('/me')).status).toBe(200);
});

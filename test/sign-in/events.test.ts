import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { joins, PASSWORD, signIn, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

/** The actions of events that name a user, as target or as actor. */
const actionsOf = async (user: string): Promise<string[]> => {
  const rows = await rollcall.rollcall.db.search<{ action: string }>(
    `select action from events where org_id = $1 and $2 in (target_id::text, actor_id) order by id`,
    [organization.org, user],
  );
  return rows.map(({ action }) => action);
};

test('R104: signing in and signing out are events', async () => {
  const user = await joins(rollcall, owner);
  const before = await actionsOf(user.id);
  const session = await signIn(rollcall.server, user.email, PASSWORD);
  expect((await session.delete('/auth/session')).status).toBe(204);
  expect((await actionsOf(user.id)).slice(before.length)).toEqual(['session.started', 'session.ended']);
});

test('R108: a failed sign-in is an event', async () => {
  const user = await joins(rollcall, owner);
  const before = await actionsOf(user.id);
  const login = { email: user.email, password: 'wrong' };
  expect((await request(rollcall.server).post('/api/v1/auth/login').send(login)).status).toBe(401);
  expect((await actionsOf(user.id)).slice(before.length)).toEqual(['auth.failed']);
});

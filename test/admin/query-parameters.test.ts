import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  owner = await signInAsOwner(rollcall, await rollcall.organization());
});
afterAll(() => rollcall.close());

test('a parameter that takes several values takes them repeated or separated by commas', async () => {
  const trainer = await joins(rollcall, owner, { role: 'train' });
  const manager = await joins(rollcall, owner, { role: 'configure' });
  await joins(rollcall, owner);
  const idsOf = async (query: string) =>
    ((await owner.get(`/users?${query}`)).body.data as { id: string }[]).map(({ id }) => id).sort();
  const both = [trainer.id, manager.id].sort();
  expect(await idsOf('role=train&role=configure')).toEqual(both);
  expect(await idsOf('role=train,configure')).toEqual(both);
  expect(await idsOf('role=train')).toEqual([trainer.id]);
});

test('one invalid value of several is rejected', async () => {
  const { status, body } = await owner.get('/users?role=train&role=boss');
  expect([status, body.errors]).toEqual([
    422,
    [{ path: 'role.1', code: 'invalid_value', message: 'Invalid role' }],
  ]);
});

test.each(['limit=1&limit=2', 'q=a&q=b', 'sort=name&sort=email', 'includeDeleted=true&includeDeleted=false'])(
  'a parameter that takes one value is rejected with two: %s',
  async (query) => {
    const { status, body } = await owner.get(`/users?${query}`);
    expect([status, body.errors[0].code, body.detail]).toEqual([
      422,
      'repeated',
      `${query.split('=')[0]} must be given once.`,
    ]);
  },
);

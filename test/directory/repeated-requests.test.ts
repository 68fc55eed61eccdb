import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OrgId } from '../../src/directory/ids.ts';
import {
  findRequest,
  type KeyedRequest,
  recordCommandResult,
  recordRequestAnswer,
} from '../../src/idempotency/store.ts';
import { uuidv7 } from '../../src/platform/ids.ts';
import { hashToken } from '../../src/platform/opaque-token.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

/** What several processes keep of requests that share a key; within one process they wait for one another. */
let rollcall: TestRollcall;
let org: OrgId;
beforeAll(async () => {
  rollcall = await startRollcall();
  org = (await rollcall.organization()).org as OrgId;
});
afterAll(() => rollcall.close());

const now = '2026-11-24T12:00:00.000Z';
const tomorrow = '2026-11-25T12:00:00.001Z';
const requestOf = (key: string, text: string, actor = uuidv7()): KeyedRequest => ({
  org,
  actor,
  key,
  hash: hashToken(text),
});

test('a key that came with another request in another process keeps what the first one did', async () => {
  const { db } = rollcall.rollcall;
  const first = requestOf('one', 'create a key');
  const second = { ...first, hash: hashToken('delete everyone') };
  expect(await recordCommandResult(db, first, 0, 'sealed', now)).toBe(true);
  expect(await recordCommandResult(db, second, 0, 'other', now)).toBe(false);
  await recordRequestAnswer(db, second, { status: 500, sealed: 'other' }, now);
  expect(await findRequest(db, first, now)).toEqual({
    requestHash: first.hash,
    status: null,
    sealedAnswer: null,
    results: { 0: 'sealed' },
  });
});

test('a key is known to the actor who sent it only', async () => {
  const { db } = rollcall.rollcall;
  const request = requestOf('two', 'create a key');
  await recordCommandResult(db, request, 0, 'sealed', now);
  expect(await findRequest(db, request, now)).toBeDefined();
  expect(await findRequest(db, { ...request, actor: uuidv7() }, now)).toBeUndefined();
});

test('a key is forgotten after a day, and another request may use it then', async () => {
  const { db } = rollcall.rollcall;
  const request = requestOf('three', 'create a key');
  await recordCommandResult(db, request, 0, 'sealed', now);
  expect(await findRequest(db, request, tomorrow)).toBeUndefined();
  const another = { ...request, hash: hashToken('create another') };
  expect(await recordCommandResult(db, another, 0, 'new', tomorrow)).toBe(true);
  expect((await findRequest(db, another, tomorrow))?.results).toEqual({ 0: 'new' });
});

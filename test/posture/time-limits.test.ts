import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import type { OrgId, UserId } from '../../src/directory/ids.ts';
import type { Authority } from '../../src/directory/roles/authority.ts';
import { findRights } from '../../src/directory/roles/store.ts';
import type { Database } from '../../src/platform/db/database.ts';
import { StatementTimeout } from '../../src/platform/db/unavailable.ts';
import { createPostureQueries, type Posture } from '../../src/posture/queries.ts';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { hold } from '../support/locks.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let log = '';

beforeAll(async () => {
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      log += String(chunk);
      done();
    },
  });
  rollcall = await startRollcall({ log: pino(sink) });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const TOO_LONG = 'Counting this took too long: try again when the database has less to do.';
const figureOf = ({ figures }: Pick<Posture, 'figures'>, key: string) =>
  figures.find((figure) => figure.key === key);

test('R135: figures that wait too long for a lock are null and say so, the others stand, and the log has it', async () => {
  const lock = await hold(rollcall.databaseUrl, 'lock table user_totp in access exclusive mode', []);
  const { status, body } = await owner.get('/posture');
  await lock.release();
  expect([status, body.activePeople]).toEqual([200, 1]);
  const unknown = { count: null, percent: null, warning: null, notCounted: TOO_LONG };
  expect(figureOf(body, 'without_second_factor')).toMatchObject(unknown);
  expect(figureOf(body, 'owners')).toMatchObject(unknown);
  expect(figureOf(body, 'inactive')).toMatchObject({ count: 0, percent: 0, notCounted: null });
  expect(figureOf(body, 'unused_api_keys')).toMatchObject({ count: 0, notCounted: null });
  expect(log).toContain('the posture of an organization lacks a figure');
  expect(log).toContain('"what":"passwords alone"');
  expect(figureOf((await owner.get('/posture')).body, 'owners')).toMatchObject({
    count: 1,
    notCounted: null,
  });
});

describe('R135: a statement that fails', () => {
  /** Asks with a database in which the statements that match fail. */
  async function posture(fails: (text: string) => boolean, error: Error): Promise<Posture> {
    const { db } = rollcall.rollcall;
    const search: Database['search'] = (text, values) =>
      fails(text) ? Promise.reject(error) : db.search(text, values);
    const org = organization.org as OrgId;
    const rights = await findRights(db, org, owner.id as UserId, new Date().toISOString());
    const actor = { type: 'user', id: owner.id, via: 'api' } as const;
    const by = { org, rights, scopes: undefined, actor, origin: { actor, requestId: 'test' } } as Authority;
    const told: string[] = [];
    const queries = createPostureQueries({
      db: Object.assign(Object.create(db), { search }) as Database,
      now: () => new Date(),
      onNotCounted: (what) => told.push(what),
    });
    const found = await queries.get(by);
    expect(told).not.toEqual([]);
    return found;
  }
  const timeout = new StatementTimeout(new Error('canceling statement due to statement timeout'));
  const countsActive = (text: string) => text.includes('counters');

  test('at its time limit leaves one figure out', async () => {
    const found = await posture((text) => text.includes('last_active_at'), timeout);
    expect(figureOf(found, 'inactive')).toMatchObject({ count: null, notCounted: TOO_LONG });
    expect(found.figures.filter(({ notCounted }) => notCounted !== null)).toHaveLength(1);
  });

  test('at its time limit, of all active people, leaves the shares out and keeps the numbers', async () => {
    const found = await posture(countsActive, timeout);
    expect(found.activePeople).toBeNull();
    expect(figureOf(found, 'owners')).toMatchObject({
      count: 1,
      percent: null,
      notCounted: expect.stringMatching(/^Counting the active people took too long/),
    });
    expect(figureOf(found, 'api_keys_without_expiry')).toMatchObject({ count: 0, notCounted: null });
  });

  test('at its time limit for every number is no answer', async () => {
    await expect(posture(() => true, timeout)).rejects.toBe(timeout);
  });

  test('for another reason fails the whole', async () => {
    const broken = new Error('syntax error');
    await expect(posture((text) => text.includes('last_active_at'), broken)).rejects.toBe(broken);
  });
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ConnectionId, OrgId } from '../../src/directory/ids.ts';
import type { Predicate } from '../../src/directory/search/predicate.ts';
import { createQueries } from '../../src/directory/search/queries.ts';
import type { Database } from '../../src/platform/db/database.ts';
import { DatabaseUnavailable, StatementTimeout } from '../../src/platform/db/unavailable.ts';
import { hold } from '../support/locks.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
});
afterAll(() => rollcall.close());

/** A database on which every search runs into its time limit, as under load. */
const slow = (db: Database): Database => {
  const searchSlowly: Database['search'] = (_text, values) =>
    db.transaction(String(values[0]), async (tx) => {
      await tx.query({ name: 'limit', text: `set local statement_timeout = '20ms'` }, []);
      return tx.query({ name: 'sleep', text: 'select pg_sleep(5)' }, []);
    });
  return { ...db, search: searchSlowly };
};
const title: Predicate = {
  kind: 'compare',
  field: { kind: 'document', keys: ['title'], type: 'text', caseExact: false },
  comparator: 'eq',
  value: 'Engineer',
};
const list = (db: Database) =>
  createQueries({ db, now: () => new Date() }).listUsers(
    { org: organization.org as OrgId, connection: organization.connection as ConnectionId },
    { where: title, sort: undefined, offset: 0, limit: 10, baseUrl: '' },
  );

test('a search that ran out of time in a small organization is not the client’s fault', async () => {
  await expect(list(slow(rollcall.rollcall.db))).rejects.toThrow(StatementTimeout);
});

test('in a large organization its filter is rejected as too costly', async () => {
  const set = (value: number) =>
    rollcall.rollcall.db.search(
      `update counters set value = $2 where org_id = $1 and name = 'users' and subject_id = $1`,
      [organization.org, value],
    );
  await set(2_000_000);
  await expect(list(slow(rollcall.rollcall.db))).rejects.toMatchObject({ code: 'too_costly' });
  await set(1);
});

test('a search that waits for a lock is answered 503 with Retry-After', async () => {
  const lock = await hold(rollcall.databaseUrl, 'lock table users, user_search in access exclusive mode', []);
  await expect(list(rollcall.rollcall.db)).rejects.toThrow(DatabaseUnavailable);
  const answer = await organization.scim('GET', '/Users?filter=title%20eq%20%22Engineer%22');
  await lock.release();
  expect([answer.status, Number.isInteger(Number(answer.headers['retry-after']))]).toEqual([503, true]);
});

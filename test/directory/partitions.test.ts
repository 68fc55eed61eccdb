import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createOrganization } from '../../src/directory/organizations/create.ts';
import { ensureEventPartitions } from '../../src/directory/store/partitions.ts';
import { type Database, openDatabase } from '../../src/platform/db.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createDatabase();
  db = openDatabase({ url: database.url, connections: 8 });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

test('a month whose first events came before its partition stops no start, and loses none of them', async () => {
  await createOrganization(
    { db, now: () => new Date() },
    { actor: { type: 'system', id: 'cli', via: 'cli' }, requestId: 'test' },
    {
      name: 'Early',
      ownerEmail: 'owner@early.example',
      ownerPassword: undefined,
      connectionName: 'First',
      strict: false,
      scimToken: undefined,
    },
  );
  const count = () => db.search<{ events: number }>('select count(*) as events from events', []);
  const before = await count();
  await ensureEventPartitions(db, new Date());
  await ensureEventPartitions(db, new Date());
  expect(await count()).toEqual(before);
  const partitions = await db.search(`select from pg_inherits where inhparent = 'events'::regclass`, []);
  expect(partitions).toHaveLength(3);
});

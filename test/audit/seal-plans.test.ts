import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findRowsOfRequest, findSealByDigest } from '../../src/audit/store/seals.ts';
import { proveRequest } from '../../src/audit/verification.ts';
import type { OrgId } from '../../src/directory/ids.ts';
import type { Database } from '../../src/platform/db/database.ts';
import { smallestUuidv7, uuidv7 } from '../../src/platform/ids.ts';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { PlanReader, type Reading, statementsOf } from '../support/plans.ts';
import { runSql } from '../support/postgres.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let org: OrgId;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  org = organization.org as OrgId;
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

/** Events of one request, in one transaction. */
async function record(request: string, events: number): Promise<void> {
  const ids = Array.from({ length: events }, () => `'${uuidv7()}'`);
  await runSql(
    rollcall.databaseUrl,
    `insert into events (org_id, id, at, action, outcome, actor_type, actor_id, via, target_type, target_id, request_id)
      select '${org}', id, now(), 'user.created', 'success', 'user', '${owner.id}', 'api', 'user', '${owner.id}', '${request}'
      from unnest(array[${ids.join(',')}]::uuid[]) as e (id)`,
  );
}

async function readingOf(run: (db: Database) => Promise<unknown>): Promise<Reading> {
  const [statement] = await statementsOf(run);
  if (statement === undefined) throw new Error('No statement was sent.');
  const reader = await PlanReader.connect(rollcall.databaseUrl, 'custom');
  try {
    return await reader.read(statement);
  } finally {
    await reader.close();
  }
}

test('all events of a request are proved, 1,000 at a time, and each seal is read once', async () => {
  const request = uuidv7();
  await record(request, 2_500);
  await rollcall.rollcall.sealEvents();
  await record(request, 300);
  const found = new Set<string>();
  let unsealed = 0;
  let cursor: string | null = '';
  do {
    const answer = await owner.get(`/audit/proofs/${request}${cursor === '' ? '' : `?cursor=${cursor}`}`);
    expect(answer.status).toBe(200);
    const { proofs, unsealed: waiting, nextCursor } = answer.body;
    expect(proofs.length + waiting.length).toBeLessThanOrEqual(1_000);
    for (const { event } of proofs as { event: string }[]) found.add(event);
    unsealed += waiting.length;
    cursor = nextCursor;
  } while (cursor !== null);
  expect([found.size, unsealed]).toEqual([2_500, 300]);

  const { db } = rollcall.rollcall;
  let statements = 0;
  const counting = {
    search: (...given: Parameters<Database['search']>) => {
      statements += 1;
      return db.search(...given);
    },
  } as unknown as Database;
  expect((await proveRequest(counting, org, request)).proofs).toHaveLength(1_000);
  // The events, their seal, and what it covers.
  expect(statements).toBe(3);
});

test('a digest is found by an index among 50,000 seals', async () => {
  await runSql(
    rollcall.databaseUrl,
    `insert into event_seals select '${org}', n, n * 10, gen_random_uuid(), n * 10 + 9, gen_random_uuid(), now(), now(), 1,
        sha256('root'), sha256('prev'), sha256(n::text::bytea), '', now() from generate_series(1000, 51000) n;
    analyze event_seals`,
  );
  const { rows, blocks, plan } = await readingOf((db) => findSealByDigest(db, org, Buffer.alloc(32)));
  expect({ isFew: rows <= 1 && blocks < 10, rows, blocks, plan }).toMatchObject({ isFew: true });
});

test('the events of a request are looked for among those of its day only', async () => {
  const now = Date.now();
  const day = 86_400_000;
  await runSql(
    rollcall.databaseUrl,
    `insert into events (org_id, id, at, action, outcome, actor_type, actor_id, via, target_type, target_id, request_id)
      select '${org}', (substring('${smallestUuidv7(now - 20 * day)}', 1, 23) || '-' || lpad(n::text, 12, '0'))::uuid, now(),
        'user.created', 'success', 'user', '${owner.id}', 'api', 'user', '${owner.id}', '${randomUUID()}'
      from generate_series(1, 50000) n;
    analyze events`,
  );
  const span = { after: smallestUuidv7(now - 600_000), before: smallestUuidv7(now + day), limit: 1_000 };
  const { rows, plan } = await readingOf((db) => findRowsOfRequest(db, org, uuidv7(), span));
  expect({ isFew: rows <= 5_000, rows, plan }).toMatchObject({ isFew: true });
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findOrganizationsBehind } from '../../src/audit/store/feed.ts';
import { requestStreamJobs } from '../../src/audit-streams/store/stream-jobs.ts';
import type { Database } from '../../src/platform/db/database.ts';
import { PlanReader, statementsOf } from '../support/plans.ts';
import { runSql } from '../support/postgres.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;

/** Two large organizations that all consumers have read to their ends, and small ones. */
beforeAll(async () => {
  rollcall = await startRollcall();
  const large = [(await rollcall.organization()).org, (await rollcall.organization()).org];
  await runSql(
    rollcall.databaseUrl,
    `insert into events (org_id, id, at, action, outcome, actor_type, actor_id, via, target_type, target_id, feed_position)
      select o::uuid, gen_random_uuid(), now(), 'user.updated', 'success', 'system', 'x', 'api', 'user', gen_random_uuid(), n
      from generate_series(1, 20000) n, unnest(array['${large.join("','")}']) o;
    insert into event_cursors (org_id, consumer, position, event_id)
      select id, 'alerts', 9000000000000, gen_random_uuid() from organizations on conflict (org_id, consumer) do update
        set position = excluded.position`,
  );
}, 60_000);
afterAll(() => rollcall.close());

const addOrganizations = (count: number) =>
  runSql(
    rollcall.databaseUrl,
    `insert into organizations
      select (jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid()))).*
      from organizations o, generate_series(1, ${count} / 2);
    insert into event_cursors (org_id, consumer, position, event_id)
      select id, 'alerts', 9000000000000, gen_random_uuid() from organizations on conflict do nothing;
    insert into audit_streams (org_id, id, name, host, port, format, created_at)
      select id, gen_random_uuid(), 'SIEM', 'syslog.example.com', 6514, 'json', now() from organizations o
      where not exists (select from audit_streams s where s.org_id = o.id);
    insert into event_cursors (org_id, consumer, position, event_id)
      select org_id, 'stream:' || id, 9000000000000, gen_random_uuid() from audit_streams on conflict do nothing`,
  );

test.each([0, 60])(
  'what consumers have still to read is looked for by an index, not in all events, with %d more organizations',
  async (more) => {
    if (more > 0) await addOrganizations(more);
    await runSql(rollcall.databaseUrl, 'analyze events, organizations, event_cursors, audit_streams');
    const reader = await PlanReader.connect(rollcall.databaseUrl, 'custom');
    try {
      for (const run of [
        (db: Database) => findOrganizationsBehind(db, 'alerts'),
        (db: Database) => requestStreamJobs(db, new Date().toISOString()),
      ]) {
        const [statement] = await statementsOf(run);
        if (statement === undefined) throw new Error('No statement was sent.');
        const { rows, blocks, plan } = await reader.read(statement);
        expect({ isFew: rows <= 200 && blocks < 2_000, rows, blocks, plan }).toMatchObject({ isFew: true });
      }
    } finally {
      await reader.close();
    }
  },
  60_000,
);

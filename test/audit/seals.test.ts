import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { leafOf, rootFrom } from '../../src/audit/rules/merkle.ts';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
});
afterAll(() => rollcall.close());

beforeEach(async () => {
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  await joins(rollcall, owner, { name: 'Jane Doe' });
  await rollcall.rollcall.sealEvents();
});

const verify = async () => (await owner.get('/audit/verify')).body;
const search = async (query = '') => (await owner.get(`/audit?limit=200${query}`)).body.data;

describe('the seals of the audit trail', () => {
  test('cover every event once, and are found right', async () => {
    await owner.post('/groups', { name: 'One more' }).expect(201);
    await rollcall.rollcall.sealEvents();
    const all = await search();
    const { data: seals } = (await owner.get('/audit/seals')).body;
    expect(await verify()).toMatchObject({
      ok: true,
      firstBad: null,
      seals: 2,
      events: all.length,
      last: { n: 2, digest: seals[0].digest },
      next: null,
    });
  });

  test('name an event that was changed', async () => {
    const [event] = await search('&action=user.invited');
    await tamper(`update events set action = 'user.created' where id = '${event.id}'`);
    expect(await verify()).toMatchObject({
      ok: false,
      firstBad: { seal: 1, event: event.id, problem: 'changed' },
    });
  });

  test('name an event that was deleted', async () => {
    const [event] = await search('&action=user.invited');
    await tamper(`delete from events where id = '${event.id}'`);
    expect(await verify()).toMatchObject({
      ok: false,
      firstBad: { seal: 1, event: event.id, problem: 'missing' },
    });
  });

  test('name an event that was put between sealed ones', async () => {
    const id = '01890000-0000-7000-8000-00000000abcd';
    await tamper(`insert into events (org_id, id, at, action, target_type, target_id, outcome, actor_type, actor_id, via, feed_position)
      select org_id, '${id}', at, action, target_type, target_id, outcome, actor_type, actor_id, via, feed_position
      from events where org_id = '${organization.org}' order by feed_position limit 1`);
    expect(await verify()).toMatchObject({ ok: false, firstBad: { seal: 1, event: id, problem: 'added' } });
  });

  test('follow each other: one that was deleted or written anew is noticed', async () => {
    await owner.post('/groups', { name: 'One more' }).expect(201);
    await rollcall.rollcall.sealEvents();
    await tamper(
      `update event_seals set created_at = created_at + interval '1 day' where org_id = '${organization.org}' and n = 1`,
    );
    expect(await verify()).toMatchObject({
      ok: false,
      firstBad: { seal: 1, event: null, problem: 'seal_changed' },
    });
    await tamper(`delete from event_seals where org_id = '${organization.org}' and n = 1`);
    expect(await verify()).toMatchObject({
      ok: false,
      firstBad: { seal: 1, event: null, problem: 'seal_missing' },
    });
  });

  test('stay right when the personal parts of an event are erased', async () => {
    const [event] = await search('&action=session.started');
    expect(event.ip).not.toBeNull();
    await tamper(`update events set ip = null, user_agent = null, reason = null where id = '${event.id}'`);
    expect(await verify()).toMatchObject({ ok: true });
  });

  test('prove the events of a request to whoever has the digest of a seal', async () => {
    const answer = await owner.post('/groups', { name: 'Proved' }).expect(201);
    const request = answer.headers['x-request-id'];
    expect((await owner.get(`/audit/proofs/${request}`)).body).toMatchObject({
      proofs: [],
      unsealed: [expect.any(String)],
    });
    await rollcall.rollcall.sealEvents();
    const { proofs, unsealed } = (await owner.get(`/audit/proofs/${request}`)).body;
    expect(unsealed).toEqual([]);
    const [{ entry, leaf, path, root, event }] = proofs;
    expect(JSON.parse(entry)).toEqual(expect.arrayContaining(['group.created', event, request]));
    const digest = createHash('sha256').update(Buffer.of(0)).update(entry).digest();
    expect([leafOf(entry).toString('hex'), leaf]).toEqual([digest.toString('hex'), digest.toString('hex')]);
    const steps = path.map(({ side, digest: sibling }: { side: 'left' | 'right'; digest: string }) => ({
      side,
      digest: Buffer.from(sibling, 'hex'),
    }));
    expect(rootFrom(digest, steps).toString('hex')).toBe(root);
    expect((await owner.get('/audit/proofs/01890000-0000-7000-8000-000000000000')).status).toBe(404);
  });
});

/** What only the owner of the tables can do, with the triggers off. */
async function tamper(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: rollcall.databaseUrl });
  await client.connect();
  await client.query(`set session_replication_role = replica`);
  await client.query(sql).finally(() => client.end());
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let clock = Date.now();
let keeper = '';
let keepers = 0;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(clock) });
});
afterAll(() => rollcall.close());
beforeEach(async () => {
  keeper = `keeper-${++keepers}@auditors.example`;
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  await rollcall.rollcall.sealEvents();
});

const receive = (sealRecipients: string[]) =>
  owner.patch('/settings', { settings: { sealRecipients } }).expect(200);
const publish = async () => {
  await rollcall.rollcall.publishSeals();
  await rollcall.rollcall.runDueJobsOnce();
};
/** Mails to an address, the oldest first. */
async function mailsTo(address: string): Promise<string[]> {
  const files = (await readdir(rollcall.outbox)).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(join(rollcall.outbox, file), 'utf8')));
  return texts
    .map((text) => text.replaceAll(/=\r?\n/g, ''))
    .filter((text) => text.includes(`To: ${address}`));
}
const newest = async () => (await owner.get('/audit/seals?limit=1')).body.data[0];

describe('the newest seal', () => {
  test('is mailed once a day to those who keep it', async () => {
    await receive([keeper]);
    const { n, digest } = await newest();
    await publish();
    await publish();
    const [mail, ...more] = await mailsTo(keeper);
    expect(more).toEqual([]);
    expect(mail).toContain(`seal ${n} of the audit trail`);
    expect(mail).toContain(digest);
    clock += 86_400_000;
    await publish();
    expect(await mailsTo(keeper)).toHaveLength(2);
    owner = await signInAsOwner(rollcall, organization);
    const { data } = (await owner.get('/audit?action=audit.seal_published')).body;
    expect(data).toHaveLength(2);
    expect(data[1]).toMatchObject({
      sentence: `Seal ${n} of the audit trail was sent out.`,
      changes: { values: { digest: [null, digest] } },
    });
  });

  test('is mailed once, though two workers publish at once', async () => {
    await receive([keeper]);
    await Promise.all([rollcall.rollcall.publishSeals(), rollcall.rollcall.publishSeals()]);
    await rollcall.rollcall.runDueJobsOnce();
    expect(await mailsTo(keeper)).toHaveLength(1);
  });

  test('is an event for a webhook that subscribes to it, and nothing happens where nobody keeps it', async () => {
    await publish();
    expect((await owner.get('/audit?action=audit.seal_published')).body.data).toEqual([]);
    const body = { url: 'https://hooks.example.com/in', events: ['audit.seal_published'] };
    await owner.post('/webhooks', body).expect(201);
    await publish();
    expect((await owner.get('/audit?action=audit.seal_published')).body.data).toHaveLength(1);
  });

  test('reveals later that the audit trail was written anew with all its seals', async () => {
    const { n, digest } = await newest();
    const kept = (await owner.get(`/audit/verify?seal=${digest}`).expect(200)).body;
    expect(kept).toMatchObject({
      ok: true,
      seal: {
        found: true,
        n,
        sentence: `Seal ${n} is in the chain: what it covers was not rewritten since.`,
      },
    });
    await rewriteHistory();
    expect((await owner.get('/audit/verify')).body.ok).toBe(true);
    expect((await owner.get(`/audit/verify?seal=${digest}`)).body).toMatchObject({
      ok: false,
      firstBad: null,
      seal: { found: false, n: null },
    });
  });

  test('is refused as a digest where it is none', async () => {
    await owner.get('/audit/verify?seal=abc').expect(422);
  });
});

test('addresses of those who keep seals are in no event', async () => {
  await receive([keeper]);
  const answer = await owner.get('/audit?action=settings.updated');
  expect(answer.body.data[0].changes.values.sealRecipients).toEqual([
    [],
    [expect.stringMatching(/^[0-9a-f]{12}$/)],
  ]);
  expect(answer.text).not.toContain(keeper);
});

/** What the owner of the database can do: change an event, throw the seals away, and have them made anew. */
async function rewriteHistory(): Promise<void> {
  const client = new pg.Client({ connectionString: rollcall.databaseUrl });
  await client.connect();
  try {
    await client.query('set session_replication_role = replica');
    await client.query(`update events set actor_id = $1 where org_id = $1 and action = 'session.started'`, [
      organization.org,
    ]);
    await client.query('delete from event_seals where org_id = $1', [organization.org]);
    await client.query(`delete from event_cursors where org_id = $1 and consumer = 'seals'`, [
      organization.org,
    ]);
  } finally {
    await client.end();
  }
  await rollcall.rollcall.sealEvents();
}

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import request from 'supertest';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let owner: TestUser;
let jane: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  owner = await signInAsOwner(rollcall, await rollcall.organization());
  jane = await joins(rollcall, owner, { name: '=Jane Doe' });
  const { id } = (await owner.post('/groups', { name: 'Support' })).body;
  await owner.post(`/groups/${id}/members`, { userIds: [jane.id] });
  await request(rollcall.server).post('/api/v1/auth/login').send({ email: jane.email, password: 'wrong' });
});
afterAll(() => rollcall.close());

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('an export of the audit trail', () => {
  test('is NDJSON of the events that a search shows, the newest first', async () => {
    const { data } = (await owner.get('/audit?limit=200')).body;
    const answer = await owner.get('/audit/export?format=ndjson').buffer(true).expect(200);
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    const [exported, ...events] = lines(answer.text);
    expect(exported.action).toBe('audit.exported');
    expect(events).toEqual(data);
  });

  test('is CSV that no spreadsheet runs', async () => {
    const answer = await owner.get(`/audit/export?format=csv&target=${jane.id}`).buffer(true).expect(200);
    const rows: Record<string, string>[] = parse(answer.text, { columns: true, bom: true });
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.every(({ target_name }) => target_name === "'=Jane Doe")).toBe(true);
  });

  test('is OCSF, each event in its class', async () => {
    const answer = await owner.get('/audit/export?format=ocsf').buffer(true).expect(200);
    expect(answer.headers['content-disposition']).toMatch(/ filename="audit-ocsf-20\d\d-\d\d-\d\d\.ndjson"$/);
    const byCode = new Map(lines(answer.text).map((event) => [event.metadata.event_code, event]));
    expect(byCode.get('group.member_added')).toMatchObject({
      class_uid: 3006,
      activity_id: 3,
      type_uid: 300_603,
      actor: { user: { uid: owner.id } },
      user: { uid: jane.id, name: '=Jane Doe', email_addr: jane.email },
      group: { name: 'Support' },
      metadata: { version: '1.5.0', product: { name: 'Rollcall' } },
    });
    expect(byCode.get('auth.failed')).toMatchObject({ class_uid: 3002, status: 'Failure', status_id: 2 });
    expect(byCode.get('user.invited')).toMatchObject({ class_uid: 3001, activity_id: 1 });
    expect(byCode.get('group.created')).toMatchObject({ class_uid: 3006, activity_id: 6 });
  });

  test('is an event itself, and needs a permission of its own', async () => {
    const before = (await owner.get('/audit?action=audit.exported')).body.data.length;
    await owner.get('/audit/export?format=ndjson&from=2026-01-01').buffer(true).expect(200);
    const { data } = (await owner.get('/audit?action=audit.exported')).body;
    expect(data).toHaveLength(before + 1);
    expect(data[0].changes.values).toEqual({
      format: [null, 'ndjson'],
      from: [null, '2026-01-01T00:00:00.000Z'],
    });
    expect((await jane.get('/audit/export?format=ndjson')).status).toBe(403);
    expect((await owner.get('/audit/export?format=xml')).status).toBe(422);
  });
});

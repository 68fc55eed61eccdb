import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let shift = 0;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(Date.now() + shift) });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const log = () => `/scim/connections/${organization.connection}/requests`;
const sql = (text: string) => rollcall.rollcall.db.search(text, []);

interface Row {
  readonly id: string;
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly summary: string;
  readonly partOf: string | null;
  readonly bulk: Json | null;
  readonly error: Json | null;
}

async function logged(query: string): Promise<Row[]> {
  await rollcall.rollcall.writeProvisioningLog();
  return (await owner.get(`${log()}?${query}`).expect(200)).body.data;
}
const read = async (id: string) => (await owner.get(`${log()}/${id}`).expect(200)).body;

const user = (userName: string, more: Json = {}) => ({
  method: 'POST',
  path: '/Users',
  bulkId: userName,
  data: { schemas: [USER], userName, ...more },
});
const group = (displayName: string, ...members: string[]) => ({
  method: 'POST',
  path: '/Groups',
  bulkId: displayName,
  data: { schemas: [GROUP], displayName, members: members.map((value) => ({ value: `bulkId:${value}` })) },
});
const managedBy = (bulkId: string) => ({ [ENTERPRISE]: { manager: { value: `bulkId:${bulkId}` } } });

interface Result {
  readonly status: string;
  readonly location?: string;
  readonly response?: Json;
}

async function send(Operations: readonly unknown[], more: Json = {}) {
  const answer = await organization
    .scim('POST', '/Bulk', { schemas: [BULK], Operations, ...more }, { 'User-Agent': 'Bulk client' })
    .expect(200);
  const results = (answer.body as { Operations: Result[] }).Operations;
  return { id: answer.headers['x-request-id'] as string, results };
}
const idOf = (result: Result | undefined) => result?.location?.split('/').at(-1);

describe('the provisioning log', () => {
  test('has a Bulk as a row that says how many operations failed, and each operation as a row of its own', async () => {
    const { id, results } = await send([
      group('Sales', 'ann@x.example', 'bob@x.example'),
      user('ann@x.example', { shoeSize: 7 }),
      user('bob@x.example', { password: 'Correct-horse-7' }),
      { ...user('ANN@x.example'), bulkId: 'again' },
      { method: 'GET', path: '/Users' },
      user('cyd@x.example', managedBy('again')),
    ]);
    const [bulk] = await logged(`q=/Bulk&limit=1`);
    expect(bulk).toMatchObject({
      id,
      method: 'POST',
      path: '/Bulk',
      status: 200,
      summary: 'carried out 3 of 6 operations, 3 failed',
      bulk: { operations: 6, failed: 3, notTried: 0 },
      partOf: null,
      target: null,
      changes: [],
      error: null,
      client: 'Bulk client',
    });
    const rows = (await logged(`partOf=${id}`)).toReversed();
    expect(rows).toHaveLength(6);
    const about = (path: string, text: string) =>
      rows.find((row) => row.path === path && row.summary.includes(text)) as Row;
    expect(about('/Users', 'created ann@x.example')).toMatchObject({
      method: 'POST',
      status: 201,
      target: { type: 'user', id: idOf(results[1]), name: 'ann@x.example' },
      changes: [{ action: 'user.created' }],
      ignored: ['shoeSize'],
      partOf: id,
      bulk: null,
      client: 'Bulk client',
    });
    expect(about('/Groups', 'created Sales')).toMatchObject({
      summary: 'created Sales, added 2 members to Sales',
      target: { type: 'group', id: idOf(results[0]), name: 'Sales' },
    });
    const codes = rows.filter(({ error }) => error !== null).map(({ error }) => error?.['code']);
    expect(codes.toSorted()).toEqual(['bulk_reference', 'invalidSyntax', 'user_name_taken']);
    for (const { error } of rows) {
      if (error !== null)
        expect([error['meaning'], error['remedy']]).toEqual([expect.any(String), expect.any(String)]);
    }
    const taken = rows.find(({ error }) => error?.['code'] === 'user_name_taken') as Row;
    expect(await read(taken.id)).toMatchObject({
      request: { state: 'whole', body: JSON.stringify({ schemas: [USER], userName: 'ANN@x.example' }) },
      response: { state: 'whole', body: JSON.stringify(results[3]) },
      notReplayable: null,
    });
    const secret = await read(about('/Users', 'created bob@x.example').id);
    expect(secret.request).toMatchObject({ state: 'masked' });
    expect(JSON.stringify([secret, rows])).not.toContain('Correct-horse-7');
    expect(await read(id)).toMatchObject({
      request: { state: 'omitted', body: null },
      response: { state: 'omitted', body: null },
    });
    const group1 = await read(about('/Groups', 'created Sales').id);
    expect(JSON.parse(group1.request.body).members).toEqual(
      [1, 2].map((at) => ({ value: idOf(results[at]) })),
    );
    expect((await logged(`user=${idOf(results[1])}`)).map(({ partOf }) => partOf)).toContain(id);
  });

  test('has the references of a circle as a row that sets them, and counts what was not tried', async () => {
    const { id, results } = await send(
      [
        user('eve@x.example', managedBy('fay@x.example')),
        user('fay@x.example', managedBy('eve@x.example')),
        { method: 'GET', path: '/Users' },
        user('gus@x.example'),
      ],
      { failOnErrors: 1 },
    );
    expect(results).toHaveLength(3);
    const rows = (await logged(`partOf=${id}`)).map(({ method, path, summary }) => [method, path, summary]);
    expect(rows).toHaveLength(4);
    expect(rows).toContainEqual([
      'PATCH',
      `/Users/${idOf(results[1])}`,
      `changed ${ENTERPRISE} of fay@x.example`,
    ]);
    expect((await logged(`q=/Bulk&limit=1`))[0]).toMatchObject({
      id,
      summary: 'carried out 2 of 4 operations, 1 failed, 1 not tried after so many errors',
    });
  });

  test('has the operations of a Bulk whose client closed the connection, which goes on', async () => {
    const operations = Array.from({ length: 500 }, (_, n) => user(`gone-${n}@x.example`));
    const gone = new AbortController();
    const sending = fetch(`${rollcall.base}/Bulk`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${organization.token}`,
        'Content-Type': 'application/scim+json',
      },
      body: JSON.stringify({ schemas: [BULK], Operations: operations }),
      signal: gone.signal,
    });
    let begun: readonly Row[];
    do begun = await logged('q=/Users&limit=1');
    while (begun[0]?.summary.includes('gone-') !== true);
    gone.abort();
    await expect(sending).rejects.toThrow('aborted');
    let row: Row | undefined;
    do [row] = await logged('q=/Bulk&limit=1');
    while (row?.status !== 499);
    expect(row).toMatchObject({ summary: 'began 500 operations', bulk: { operations: 500, failed: 0 } });
    const obstacle = 'The body of a Bulk is not kept: replay those of its operations that failed.';
    expect(await read(row.id)).toMatchObject({ request: { state: 'omitted' }, notReplayable: obstacle });
    let last: Row | undefined;
    do [last] = await logged(`partOf=${row.id}&limit=1`);
    while (last?.summary !== 'created gone-499@x.example');
    expect(await logged(`partOf=${row.id}&status=error`)).toEqual([]);
  });

  test('has the token of the Bulk in no row of its operations', async () => {
    const { id } = await send([user('token@x.example', { nickName: organization.token })]);
    const [row] = await logged(`partOf=${id}`);
    const whole = await read(row?.id as string);
    expect(whole.request).toMatchObject({
      state: 'masked',
      body: expect.stringContaining('token@x.example'),
    });
    expect(JSON.stringify(whole)).not.toContain(organization.token);
  });

  test('keeps the body of a Bulk that is rejected as a whole', async () => {
    await organization.scim('POST', '/Bulk', { schemas: ['x'], Operations: [user('x')] }).expect(400);
    const [row] = await logged('q=/Bulk&limit=1');
    expect(row).toMatchObject({ status: 400, bulk: null, summary: 'was rejected' });
    expect((await read(row?.id as string)).request).toMatchObject({ state: 'whole' });
  });

  test('has a failed operation replayed as a request of its own, once its cause is mended', async () => {
    const { id, results } = await send([
      user('hal@x.example'),
      { ...user('hal@x.example'), bulkId: 'second' },
      user('ida@x.example', managedBy('second')),
    ]);
    const rows = await logged(`partOf=${id}`);
    const failed = rows.find(({ error }) => error?.['code'] === 'user_name_taken') as Row;
    const reference = rows.find(({ error }) => error?.['code'] === 'bulk_reference') as Row;
    await organization.scim('DELETE', `/Users/${idOf(results[0])}`).expect(204);
    const replay = await owner.post(`${log()}/${failed.id}/replay`).expect(200);
    expect(replay.body).toMatchObject({ status: 201, detail: null });
    const [row] = await logged('limit=1');
    expect(row).toMatchObject({ id: replay.body.id, replayOf: failed.id, partOf: null, path: '/Users' });
    const refused = await owner.post(`${log()}/${reference.id}/replay`).expect(409);
    expect(refused.body).toMatchObject({
      code: 'not_replayable',
      detail: expect.stringContaining('refers to another one of its Bulk'),
    });
  });

  test('has the operations of a Bulk that is replayed as a whole, which was rejected for its size', async () => {
    await organization.scim('POST', '/Bulk', { schemas: [BULK], Operations: [] }).expect(400);
    const [row] = await logged('q=/Bulk&limit=1');
    await sql(
      `update scim_requests set request = '${JSON.stringify({
        schemas: [BULK],
        Operations: [user('jim@x.example')],
      })}' where id = '${row?.id}'`,
    );
    const { body } = await owner.post(`${log()}/${row?.id}/replay`).expect(200);
    expect(body.status).toBe(200);
    expect(await logged(`partOf=${body.id}`)).toMatchObject([
      { summary: 'created jim@x.example', client: 'Rollcall replay' },
    ]);
  });
});

describe('the audit trail', () => {
  test('names the events of all operations by the X-Request-Id of the Bulk, proves and takes them back by it', async () => {
    const { id, results } = await send([user('kim@x.example'), group('Ops', 'kim@x.example')]);
    const events = (await owner.get(`/audit?requestId=${id}`).expect(200)).body.data;
    expect(events.map(({ action }: Json) => action).toSorted()).toEqual([
      'group.created',
      'group.member_added',
      'user.created',
    ]);
    await rollcall.rollcall.sealEvents();
    const { proofs } = (await owner.get(`/audit/proofs/${id}`).expect(200)).body;
    expect(proofs).toHaveLength(3);
    const preview = await owner.post('/undos', { requestId: id }).expect(201);
    expect(preview.body.summary.join(' ')).toContain('1 ');
    expect(idOf(results[0])).toBeDefined();
  });
});

test('R153: a Bulk in a dry run answers as it would, references resolved, and writes nothing', async () => {
  await owner.patch(`/scim/connections/${organization.connection}`, { dryRun: true }).expect(200);
  shift += 1_001;
  const { id, results } = await send([
    group('Dry', 'dry@x.example'),
    user('dry@x.example', managedBy('wet@x.example')),
    user('wet@x.example', managedBy('dry@x.example')),
    { ...user('dry@x.example'), bulkId: 'again' },
  ]);
  expect(results.map(({ status }) => status)).toEqual(['201', '201', '201', '409']);
  await organization.scim('GET', `/Users/${idOf(results[1])}`).expect(404);
  const rows = await logged(`partOf=${id}`);
  expect(rows).toHaveLength(5);
  for (const row of [...rows, ...(await logged('q=/Bulk&limit=1'))]) {
    expect(row).toMatchObject({ notes: ['Dry run: nothing was written.'] });
  }
  const report = (await owner.get(`/scim/connections/${organization.connection}/dry-run`).expect(200)).body;
  expect(report).toMatchObject({ users: { created: 2 }, groups: { created: 1 } });
  await owner.patch(`/scim/connections/${organization.connection}`, { dryRun: false }).expect(200);
  shift += 1_001;
  expect((await owner.get(`/audit?requestId=${id}`).expect(200)).body.data).toEqual([]);
});

describe('a failure of the server', () => {
  beforeAll(async () => {
    await sql(`create function fail_on_name() returns trigger language plpgsql as $$ begin
        if new.user_name like 'boom%' then raise exception 'boom'; end if;
        if new.user_name like 'away%' then raise exception 'away' using errcode = '57P03'; end if;
        return new;
      end $$`);
    await sql(
      'create trigger fail_on_name before insert on users for each row execute function fail_on_name()',
    );
  });
  afterAll(() => sql('drop function fail_on_name cascade'));

  test('in one operation is its 500 with an id that leads to its row, and the others are done', async () => {
    const { id, results } = await send([
      user('lea@x.example'),
      user('boom@x.example'),
      user('max@x.example'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['201', '500', '201']);
    const [, quoted = ''] = /request id (\S+) /.exec(String(results[1]?.response?.['detail'])) ?? [];
    await rollcall.rollcall.writeProvisioningLog();
    expect(await read(quoted)).toMatchObject({ status: 500, partOf: id, notReplayable: null });
  });

  test('to reach the database twice in a row is 503 for the rest, which is not tried', async () => {
    const { results } = await send([
      user('away1@x.example'),
      user('ned@x.example'),
      user('away2@x.example'),
      user('away3@x.example'),
      user('oda@x.example'),
      { method: 'GET', path: '/Users' },
    ]);
    expect(results.map(({ status }) => status)).toEqual(['503', '201', '503', '503', '503', '400']);
    await organization.scim('POST', '/Users', { schemas: [USER], userName: 'oda@x.example' }).expect(201);
  });
});

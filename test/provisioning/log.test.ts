import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  type Json,
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const flush = () => rollcall.rollcall.writeProvisioningLog();
const patch = (...Operations: object[]) => ({ schemas: [PATCH], Operations });
const path = (at: TestOrganization = organization) => `/scim/connections/${at.connection}/requests`;

/** Requests of the log that a query finds, the newest first. */
async function logged(query = ''): Promise<Json[]> {
  await flush();
  const { status, body } = await owner.get(`${path()}${query}`);
  expect([status, body]).toEqual([200, expect.anything()]);
  return (body as { data: Json[] }).data;
}

async function read(id: string): Promise<Json & { request: Json; response: Json; error: Json }> {
  await flush();
  const { status, body } = await owner.get(`${path()}/${id}`);
  expect(status).toBe(200);
  return body as never;
}

async function created(userName: string, more: object = {}): Promise<string> {
  const { status, body } = await organization.scim('POST', '/Users', { schemas: [USER], userName, ...more });
  expect(status).toBe(201);
  return (body as { id: string }).id;
}

const summaryOf = async () => (await logged('?limit=1'))[0]?.['summary'];

describe('a request is logged', () => {
  test('with each character as it was sent, in columns and in lists', async () => {
    const client = 'say "hi" \\ {NULL},(\'); null';
    const odd = 'o"dd\\ {a,b} NULL, ü';
    const filter = `userName eq ${JSON.stringify(odd)}`;
    await organization
      .scim('GET', `/Users?filter=${encodeURIComponent(filter)}`, undefined, { 'User-Agent': client })
      .expect(200);
    await organization
      .scim('POST', '/Users', { schemas: [USER], userName: odd, [odd]: 1 }, { 'User-Agent': client })
      .expect(201);
    const [made, found] = await logged('?limit=2');
    expect(found).toMatchObject({ client, query: `filter=${filter}` });
    expect(made).toMatchObject({ client, ignored: ['o_dd___a_b__NULL___'] });
    const [row] = await rollcall.rollcall.db.search<{ mentions: string[] }>(
      'select mentions from scim_requests where org_id = $1 and id = $2',
      [organization.org, found?.['id']],
    );
    expect(row?.mentions).toContain(odd.toLowerCase());
  });

  test('R149: with what it was, how long it took and what it changed, in words', async () => {
    const answer = await organization.scim(
      'POST',
      '/Users',
      { schemas: [USER], userName: 'jane@rollcall.example' },
      { 'User-Agent': 'Okta SCIM Client 1.0.0' },
    );
    const id = (answer.body as Json)['id'];
    const [row] = await logged('?limit=1');
    expect(row).toMatchObject({
      id: answer.headers['x-request-id'],
      connectionId: organization.connection,
      client: 'Okta SCIM Client 1.0.0',
      method: 'POST',
      path: '/Users',
      query: null,
      status: 201,
      summary: 'created jane@rollcall.example',
      target: { type: 'user', id, name: 'jane@rollcall.example' },
      changes: [{ action: 'user.created' }],
      error: null,
    });
    expect(row?.['ms']).toBeGreaterThan(0);
    const whole = await read(answer.headers['x-request-id'] as string);
    expect(whole.request).toMatchObject({ state: 'whole' });
    expect(JSON.parse(whole.request['body'] as string)).toMatchObject({ userName: 'jane@rollcall.example' });
    expect(JSON.parse(whole.response['body'] as string)).toMatchObject({ id });
  });

  test('with the words of each change of a user', async () => {
    const id = await created('words@rollcall.example');
    await organization.scim('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: false }));
    expect(await summaryOf()).toBe('deactivated words@rollcall.example');
    await organization.scim('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: false }));
    expect(await summaryOf()).toBe('changed nothing');
    await organization.scim(
      'PATCH',
      `/Users/${id}`,
      patch({ op: 'add', value: { title: 'Engineer', nickName: 'W' } }),
    );
    expect(await summaryOf()).toBe('changed nickName and title of words@rollcall.example');
    await organization.scim('GET', `/Users/${id}`);
    expect(await summaryOf()).toBe('read words@rollcall.example');
    await organization.scim('GET', '/Users?filter=userName eq "words@rollcall.example"');
    expect((await logged('?limit=1'))[0]).toMatchObject({
      summary: 'searched users',
      query: 'filter=userName eq "words@rollcall.example"',
    });
  });

  test('with how many members a group gained and lost', async () => {
    const ids = await Promise.all(['m1', 'm2', 'm3'].map((name) => created(name)));
    const group = await organization.scim('POST', '/Groups', {
      schemas: [GROUP],
      displayName: 'Engineering',
    });
    const at = `/Groups/${(group.body as Json)['id'] as string}`;
    expect(await summaryOf()).toBe('created Engineering');
    const value = ids.map((id) => ({ value: id }));
    await organization.scim('PATCH', at, patch({ op: 'add', path: 'members', value }));
    expect(await summaryOf()).toBe('added 3 members to Engineering');
    await organization.scim('PATCH', at, patch({ op: 'remove', path: `members[value eq "${ids[0]}"]` }));
    expect(await summaryOf()).toBe('removed 1 member from Engineering');
    await organization.scim('PUT', at, {
      schemas: [GROUP],
      displayName: 'Engineers',
      members: [{ value: ids[0] }],
    });
    expect(await summaryOf()).toBe(
      'changed displayName of Engineers, added 1 member to Engineers, removed 2 members from Engineers',
    );
    await organization.scim('PATCH', at, patch({ op: 'add', path: 'members', value: [{ value: ids[1] }] }));
    expect(await summaryOf()).toBe('added 1 member to Engineers');
  });

  test('with what was tolerated and by which quirk, and what was ignored', async () => {
    const id = await created('quirks@rollcall.example');
    await organization.scim(
      'PATCH',
      `/Users/${id}`,
      patch(
        { op: 'Replace', path: 'active', value: 'False' },
        { op: 'replace', path: 'companyName', value: 'x' },
      ),
    );
    expect((await logged('?limit=1'))[0]).toMatchObject({
      quirks: ['entra-capitalised-operations', 'clients-unknown-attributes', 'entra-string-booleans'],
      ignored: ['companyName'],
    });
    await organization.scim('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: true }));
    expect((await logged('?limit=1'))[0]).toMatchObject({ quirks: [], ignored: [] });
  });

  test('with its error, what that means and what to do', async () => {
    await created('taken@rollcall.example');
    const answer = await organization.scim('POST', '/Users', {
      schemas: [USER],
      userName: 'taken@rollcall.example',
    });
    expect(answer.status).toBe(409);
    const { error, summary } = await read(answer.headers['x-request-id'] as string);
    expect([summary, error]).toEqual([
      'was rejected',
      {
        code: 'user_name_taken',
        detail: (answer.body as Json)['detail'],
        meaning: 'Another user of this organization has the same userName.',
        remedy: expect.stringContaining('Find the user'),
      },
    ]);
  });

  test('if its token was revoked, and not if no one ever issued it', async () => {
    const issued = await owner.post(`/scim/connections/${organization.connection}/tokens`, {
      password: OWNER_PASSWORD,
    });
    const { id, token } = issued.body as { id: string; token: string };
    await owner.delete(`/scim/connections/${organization.connection}/tokens/${id}`);
    const revoked = await organization.scim('GET', '/Users', undefined, { Authorization: `Bearer ${token}` });
    await organization.scim('GET', '/Users', undefined, { Authorization: 'Bearer made-up' });
    expect(revoked.status).toBe(401);
    expect((await logged('?limit=1'))[0]).toMatchObject({
      id: revoked.headers['x-request-id'],
      status: 401,
      error: { code: 'token_revoked' },
    });
  });
});

describe('the log is searched', () => {
  test('by status, method, text, user, group and time, and page by page', async () => {
    const id = await created('search@rollcall.example');
    const group = await organization.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Searched' });
    const groupId = (group.body as Json)['id'] as string;
    const failed = await organization.scim('PATCH', `/Users/${id}`, patch({ op: 'x', path: 'title' }));
    await organization.scim(
      'PATCH',
      `/Groups/${groupId}`,
      patch({ op: 'add', path: 'members', value: [{ value: id }] }),
    );
    const ids = async (query: string) => (await logged(query)).map((row) => row['id']);
    expect((await ids('?status=error&limit=1'))[0]).toBe(failed.headers['x-request-id']);
    expect((await ids('?status=400&limit=1'))[0]).toBe(failed.headers['x-request-id']);
    expect((await logged('?status=4xx')).every(({ status }) => (status as number) >= 400)).toBe(true);
    expect((await logged('?status=success')).every(({ status }) => (status as number) < 400)).toBe(true);
    expect(await ids(`?method=PATCH&q=${id}`)).toEqual([failed.headers['x-request-id']]);
    expect(await logged(`?user=${id}`)).toHaveLength(3);
    expect(await logged(`?group=${groupId}`)).toHaveLength(2);
    expect(await logged(`?user=${id}&group=${groupId}`)).toHaveLength(1);
    expect(await logged('?to=2020-01-01')).toEqual([]);
    const all = await logged('?limit=200');
    expect(await logged(`?limit=200&from=${all.at(-1)?.['at'] as string}`)).toHaveLength(all.length);

    const paged: Json[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await owner.get(`${path()}?limit=4${cursor}`);
      const { data, nextCursor } = body as { data: Json[]; nextCursor: string | null };
      paged.push(...data);
      if (nextCursor === null) break;
      cursor = `&cursor=${nextCursor}`;
    }
    expect(paged).toEqual(all);
    expect((await owner.get(`${path()}?status=6xx`)).status).toBe(422);
  });

  test('by administrators of its organization only', async () => {
    const other = await rollcall.organization();
    const stranger = await signInAsOwner(rollcall, other);
    const [row] = await logged('?limit=1');
    expect((await stranger.get(path())).status).toBe(404);
    expect((await stranger.get(`${path()}/${row?.['id'] as string}`)).status).toBe(404);
    expect((await stranger.get(`${path(other)}/${row?.['id'] as string}`)).status).toBe(404);
    expect((await stranger.get(path(other))).body).toMatchObject({ data: [] });
  });
});

describe('a secret is never stored', () => {
  const SECRET = 'Tr0ub4dor-and-3';

  test.each<[string, string, string, unknown]>([
    ['a password', 'POST', '/Users', { schemas: [USER], userName: 'p1', password: SECRET }],
    ['a password in other letters', 'POST', '/Users', { schemas: [USER], userName: 'p2', PassWord: SECRET }],
    [
      'a secret at any depth',
      'POST',
      '/Users',
      { schemas: [USER], userName: 'p3', x: [{ y: { clientSecret: [SECRET] } }] },
    ],
    ['a password by PATCH', 'PATCH', '/Users/ID', patch({ value: SECRET, op: 'replace', path: 'password' })],
    [
      'a password under its URN',
      'PATCH',
      '/Users/ID',
      patch({ op: 'add', value: { [`${USER}:password`]: SECRET } }),
    ],
    ['a password in a filter', 'GET', `/Users?filter=password eq "${SECRET}"`, undefined],
    ['a password in a body that is cut short', 'POST', '/Users', `{"userName": "p4", "password": "${SECRET}`],
    [
      'a name that is escaped',
      'POST',
      '/Users',
      `{"schemas": ["${USER}"], "userName": "p5", "p\\u0061ssword": "${SECRET}"}`,
    ],
    ['a token in the query', 'GET', `/Users?access_token=${SECRET}`, undefined],
    [
      'a password in the message',
      'POST',
      '/Users',
      { schemas: [USER], userName: 'p6', password: { [SECRET]: SECRET } },
    ],
    [
      'JSON in a string',
      'POST',
      '/Users',
      { schemas: [USER], userName: 'p7', title: `{"password":"${SECRET}"}` },
    ],
  ])('%s', async (_, method, target, body) => {
    const id = await created(`secret-${Math.random()}`);
    await organization.scim(method, target.replace('ID', id), body);
    await flush();
    const rows = await rollcall.rollcall.db.search<{ row: string }>(
      `select r::text as row from scim_requests r where r::text like $1 or r::text like $2`,
      [`%${SECRET}%`, `%${organization.token}%`],
    );
    expect(rows).toEqual([]);
  });

  test('and the token of the request is not, wherever it is sent', async () => {
    const { token } = organization;
    await organization.scim(
      'POST',
      '/Users',
      { schemas: [USER], userName: token, title: token },
      { 'User-Agent': token },
    );
    await organization.scim('GET', `/Users/${token}?filter=userName eq "${token}"`);
    await flush();
    const rows = await rollcall.rollcall.db.search(`select from scim_requests r where r::text like $1`, [
      `%${token}%`,
    ]);
    expect(rows).toEqual([]);
  });
});

test('a body is cut at the limit, and says so', async () => {
  const answer = await organization.scim('POST', '/Users', {
    schemas: [USER],
    userName: 'large',
    title: 'x'.repeat(20_000),
  });
  const { request } = await read(answer.headers['x-request-id'] as string);
  expect(request['state']).toBe('cut');
  expect(request['body']).toHaveLength(16 * 1024);
  expect(request['bytes']).toBeGreaterThan(20_000);
});

test('R89: erasing a user empties the rows that name the user, by id and by name', async () => {
  const id = await created('Forgotten@rollcall.example', { externalId: 'ext-forgotten' });
  await organization.scim('GET', '/Users?filter=userName eq "forgotten@rollcall.example"');
  await organization.scim('GET', '/Users?filter=externalId eq "EXT-forgotten"');
  await organization.scim('GET', '/Users/Forgotten@rollcall.example');
  await organization.scim('POST', '/Users', { schemas: [USER], userName: 'FORGOTTEN@rollcall.example' });
  await flush();
  const naming = () =>
    rollcall.rollcall.db.search<{ row: string }>(
      `select r::text as row from scim_requests r where r::text ilike '%forgotten%'`,
      [],
    );
  expect(await naming()).toHaveLength(5);
  const answer = await owner.delete(`/users/${id}?force=true`, { mode: 'hard', password: OWNER_PASSWORD });
  expect(answer.status).toBe(204);
  expect(await naming()).toEqual([]);
  expect(
    (await logged(`?limit=200`)).find((row) => (row['target'] as Json | null)?.['id'] === id),
  ).toMatchObject({
    status: 201,
    summary: 'created a user',
    target: { type: 'user', id, name: null },
  });
});

describe('a failed request is replayed', () => {
  const replay = (id: unknown, as = owner) => as.post(`${path()}/${String(id)}/replay`);

  test('once its cause is mended: as the connection, as a new row and as an event of the administrator', async () => {
    const group = await organization.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Replayed' });
    const holder = await created('replayed@rollcall.example');
    const failed = await organization.scim('POST', '/Users', {
      schemas: [USER],
      userName: 'replayed@rollcall.example',
      title: 'Second',
    });
    expect([group.status, failed.status]).toEqual([201, 409]);
    const original = failed.headers['x-request-id'] as string;
    await flush();
    const again = await replay(original);
    expect([again.status, again.body]).toEqual([
      200,
      { id: expect.any(String), status: 409, detail: (failed.body as Json)['detail'] },
    ]);
    await organization.scim('DELETE', `/Users/${holder}`);
    const done = await replay(original);
    const { id } = done.body as { id: string };
    expect(done.body).toEqual({ id, status: 201, detail: null });
    expect(await read(id)).toMatchObject({
      replayOf: original,
      summary: 'created replayed@rollcall.example',
      client: 'Rollcall replay',
    });
    const events = async (query: string) =>
      ((await owner.get(`/audit?${query}`)).body as { data: Json[] }).data.map((event) => event['action']);
    expect(await events(`requestId=${id}`)).toEqual(['user.created']);
    const [event] = (await owner.get('/audit?action=scim.request_replayed')).body.data as Json[];
    expect(event).toMatchObject({
      actor: { type: 'user' },
      target: { type: 'connection', id: organization.connection },
      changes: { values: { request: [original, id] } },
    });
  });

  test('not if it succeeded, read, had a secret or was cut', async () => {
    const schemas = [USER];
    const taken = { schemas, userName: 'replayed@rollcall.example' };
    const answers = [
      await organization.scim('POST', '/Users', { schemas, userName: 'succeeded' }),
      await organization.scim('GET', '/Users/none'),
      await organization.scim('POST', '/Users', { ...taken, password: 'Tr0ub4dor-and-3' }),
      await organization.scim('POST', '/Users', { ...taken, title: 'x'.repeat(20_000) }),
    ];
    await flush();
    for (const { headers } of answers) {
      const { status, body } = await replay(headers['x-request-id']);
      expect([status, body.code]).toEqual([409, 'not_replayable']);
    }
  });

  test('by administrators of its organization only', async () => {
    const stranger = await signInAsOwner(rollcall, await rollcall.organization());
    const [failed] = await logged('?status=error&method=POST&limit=1');
    expect((await replay(failed?.['id'], stranger)).status).toBe(404);
  });
});

import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import request from 'supertest';
import { createRollcall } from '../../src/app.ts';
import { lockOrganizationRow } from '../support/locks.ts';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let rollcall: TestRollcall;
let organization: TestOrganization;
let number = 0;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
});
afterAll(() => rollcall.close());

const sql = <Row extends object>(text: string, values: unknown[] = []) =>
  rollcall.rollcall.db.search<Row>(text, values);
const patchOf = (...Operations: object[]) => ({ schemas: [PATCH], Operations });
const fresh = async (attributes: Json = {}): Promise<string> => {
  number += 1;
  const { body } = await organization
    .scim('POST', '/Users', { userName: `fault-${number}@example.com`, ...attributes })
    .expect(201);
  return (body as { id: string }).id;
};
const read = async (path: string): Promise<Json> =>
  (await organization.scim('GET', path).expect(200)).body as Json;
const versionOf = (resource: Json) => (resource['meta'] as { version: string }).version;
const statuses = (answers: readonly { status: number }[]) => answers.map(({ status }) => status).sort();
const counted = async (table: 'users' | 'groups') => {
  const live = table === 'users' ? 'and deleted_at is null' : '';
  const [row] = await sql<{ counter: number; rows: number }>(
    `select (select sum(value)::int from counters where org_id = $1 and name = '${table}') as counter,
       (select count(*)::int from ${table} where org_id = $1 ${live}) as rows`,
    [organization.org],
  );
  return row;
};

describe('Postgres away', () => {
  test('is 503 with Retry-After on every route, never 404 or 500', async () => {
    const log = pino({ level: 'silent' });
    const away = createRollcall({
      publicUrl: 'http://127.0.0.1',
      databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
      log,
      secretKey: Buffer.alloc(32),
      mail: { smtpUrl: undefined, folder: '/nowhere', from: 'a@b.example' },
    });
    const server = createServer(away.listener());
    for (const path of ['/Users', '/Users/019a0000-0000-7000-8000-000000000001', '/Groups', '/Schemas']) {
      const answer = await request(server)
        .get(`/scim/v2${path}`)
        .set('Authorization', 'Bearer whatever')
        .buffer(true);
      expect([path, answer.status, answer.headers['retry-after']]).toEqual([path, 503, '5']);
    }
    expect((await request(server).get('/readyz')).status).toBe(503);
    expect((await request(server).get('/healthz')).status).toBe(200);
    await away.close();
  });

  test('for a moment, under load, is 2xx or 503, and over without a restart', async () => {
    const id = await fresh();
    let ended = false;
    const load = Array.from({ length: 8 }, async () => {
      const seen: number[] = [];
      while (!ended) seen.push((await organization.scim('GET', `/Users/${id}`)).status);
      return seen;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await sql(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    ended = true;
    const seen = new Set((await Promise.all(load)).flat());
    expect([...seen].filter((status) => status !== 200 && status !== 503)).toEqual([]);
    await organization.scim('GET', `/Users/${id}`).expect(200);
  });
});

describe('two concurrent requests', () => {
  test('who patch different attributes of one user both find their change', async () => {
    const id = await fresh();
    const names = ['title', 'nickName', 'locale', 'timezone'];
    const answers = await Promise.all(
      names.map((path) =>
        organization.scim('PATCH', `/Users/${id}`, patchOf({ op: 'replace', path, value: 'x' })),
      ),
    );
    const kept = answers
      .map(({ status }, at) => [status, names[at] as string] as const)
      .filter(([status]) => status === 200);
    expect(statuses(answers).every((status) => status === 200 || status === 409)).toBe(true);
    const after = await read(`/Users/${id}`);
    expect(kept.length).toBeGreaterThanOrEqual(3);
    for (const [, name] of kept) expect(after[name]).toBe('x');
  });

  test('with the same version in If-Match: one 200, the others 412', async () => {
    const id = await fresh();
    const headers = { 'If-Match': versionOf(await read(`/Users/${id}`)) };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        organization.scim(
          'PATCH',
          `/Users/${id}`,
          patchOf({ op: 'replace', path: 'title', value: `t${n}` }),
          headers,
        ),
      ),
    );
    expect(statuses(answers)).toEqual([200, ...Array.from({ length: 19 }, () => 412)]);
  });

  test('who deactivate a user under an old version: 412, and the user stays active', async () => {
    const id = await fresh();
    const headers = { 'If-Match': versionOf(await read(`/Users/${id}`)) };
    const change = (path: string, value: unknown) => patchOf({ op: 'replace', path, value });
    await organization.scim('PATCH', `/Users/${id}`, change('title', 'newer')).expect(200);
    await organization.scim('PATCH', `/Users/${id}`, change('active', false), headers).expect(412);
    expect(await read(`/Users/${id}`)).toMatchObject({ active: true, title: 'newer' });
  });

  test('who rename a group under one version: one 204, the others 412', async () => {
    const group = (await organization.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Versions' }))
      .body as Json;
    const headers = { 'If-Match': versionOf(group) };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        organization.scim(
          'PATCH',
          `/Groups/${group['id']}`,
          patchOf({ op: 'replace', path: 'displayName', value: `V${n}` }),
          headers,
        ),
      ),
    );
    expect(statuses(answers)).toEqual([204, ...Array.from({ length: 9 }, () => 412)]);
  });

  test('who create one userName: one 201, the others 409 uniqueness', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        organization.scim('POST', '/Users', { userName: n % 2 ? 'Twin@example.com' : 'twin@example.com' }),
      ),
    );
    expect(statuses(answers)).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
    for (const { status, body } of answers)
      if (status === 409) expect(body).toMatchObject({ scimType: 'uniqueness' });
  });

  test('who deactivate the last two owners: one succeeds, the other is notified of the last owner', async () => {
    const second = await fresh();
    await sql(`update users set owner = true, role = 'admin' where org_id = $1 and id = $2`, [
      organization.org,
      second,
    ]);
    const [first] = await sql<{ id: string }>(
      `select id from users where org_id = $1 and source = 'bootstrap'`,
      [organization.org],
    );
    const off = patchOf({ op: 'replace', path: 'active', value: false });
    // Both have seen two owners before either of them writes.
    const lock = await lockOrganizationRow(rollcall.databaseUrl, organization.org);
    const sent = [first?.id, second].map((id) =>
      organization.scim('PATCH', `/Users/${id}`, off).then((answer) => answer),
    );
    await lock.waitForWaiting(2).finally(lock.release);
    const answers = await Promise.all(sent);
    expect(statuses(answers)).toEqual([200, 409]);
    const left = answers[0]?.status === 409 ? first?.id : second;
    await organization.scim('DELETE', `/Users/${left}`).expect(409);
    expect((await read(`/Users/${left}`))['active']).toBe(true);
  });

  test('creating and deleting: the counters match the rows', async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, () => fresh()));
    await Promise.all(ids.slice(0, 15).map((id) => organization.scim('DELETE', `/Users/${id}`).expect(204)));
    for (const table of ['users', 'groups'] as const) {
      const row = await counted(table);
      expect(row?.counter).toBe(row?.rows);
    }
    expect((await read('/Users?count=0'))['totalResults']).toBe((await counted('users'))?.rows);
  });
});

describe('a change', () => {
  test('repeated writes no event and no new version', async () => {
    const id = await fresh();
    const body = patchOf({
      op: 'add',
      path: 'emails',
      value: [{ value: `again-${id}@x.com`, type: 'work' }],
    });
    await organization.scim('PATCH', `/Users/${id}`, body).expect(200);
    const [before, events] = [
      await read(`/Users/${id}`),
      await sql('select id from events where target_id = $1', [id]),
    ];
    await organization.scim('PATCH', `/Users/${id}`, body).expect(200);
    expect(await read(`/Users/${id}`)).toEqual(before);
    expect(await sql('select id from events where target_id = $1', [id])).toHaveLength(events.length);
  });

  test('leaves an event that names personal attributes and contains none of their values', async () => {
    const id = await fresh();
    await organization.scim(
      'PATCH',
      `/Users/${id}`,
      patchOf(
        { op: 'replace', path: 'name.familyName', value: 'Secretname' },
        { op: 'replace', path: 'active', value: false },
      ),
    );
    const rows = await sql<{ action: string; row: string }>(
      'select action, e::text as row from events e where target_id = $1 order by id',
      [id],
    );
    expect(rows.map(({ action }) => action)).toEqual(['user.created', 'user.updated', 'user.deactivated']);
    expect(rows.filter(({ row }) => /Secretname|fault-/.test(row))).toEqual([]);
  });

  test.each([
    'update events set action = $1',
    'delete from events where action <> $1',
    'truncate events',
    'truncate events_default',
  ])('of the audit trail is rejected: %s', async (text) => {
    await expect(sql(text, text.includes('$1') ? ['x'] : [])).rejects.toThrow(/append-only|denied/);
  });
});

describe('a user', () => {
  test('created elsewhere is taken over by a POST of the same name', async () => {
    const id = '019a1111-0000-7000-8000-000000000001';
    await sql(
      `insert into users (org_id, id, user_name, user_name_key, email, email_key, status, role, source, created_at, updated_at, profile)
       values ($1, $2, 'Invited@example.com', 'invited@example.com', 'Invited@example.com', 'invited@example.com', 'active', 'train', 'invitation', now(), now(), '{}')`,
      [organization.org, id],
    );
    const body = {
      userName: 'invited',
      externalId: 'inv-1',
      emails: [{ value: 'invited@EXAMPLE.com', primary: true }],
    };
    const adopted = await organization.scim('POST', '/Users', body).expect(201);
    expect(adopted.body).toMatchObject({ id, userName: 'invited', externalId: 'inv-1' });
    const [row] = await sql('select role, source from users where id = $1', [id]);
    expect(row).toEqual({ role: 'train', source: 'invitation' });
    await organization.scim('POST', '/Users', body).expect(409);
  });

  test('who is deleted frees userName, externalId and e-mail, and is gone from every answer', async () => {
    const body = {
      userName: 'leaver@example.com',
      externalId: 'leaver',
      emails: [{ value: 'leaver@example.com' }],
    };
    const id = ((await organization.scim('POST', '/Users', body).expect(201)).body as Json)['id'];
    await organization.scim('DELETE', `/Users/${id}`).expect(204);
    for (const method of ['GET', 'DELETE']) await organization.scim(method, `/Users/${id}`).expect(404);
    expect(((await organization.scim('POST', '/Users', body).expect(201)).body as Json)['id']).not.toBe(id);
  });

  test('has another version after joining a group, and 304 while it has the same', async () => {
    const id = await fresh();
    const before = versionOf(await read(`/Users/${id}`));
    await organization.scim('GET', `/Users/${id}`, undefined, { 'If-None-Match': before }).expect(304);
    await organization
      .scim('POST', '/Groups', { displayName: `Join ${id}`, members: [{ value: id }] })
      .expect(201);
    await organization.scim('GET', `/Users/${id}`, undefined, { 'If-None-Match': before }).expect(200);
    await organization.scim('DELETE', `/Users/${id}`, undefined, { 'If-Match': before }).expect(412);
  });

  test('is not let in by a PUT without "active", nor by removing it', async () => {
    const id = await fresh({ active: false });
    const put = await organization
      .scim('PUT', `/Users/${id}`, { userName: `put-${id}@example.com` })
      .expect(200);
    expect(put.body).toMatchObject({ active: false });
    await organization.scim('PATCH', `/Users/${id}`, patchOf({ op: 'remove', path: 'active' })).expect(200);
    expect((await read(`/Users/${id}`))['active']).toBe(false);
  });
});

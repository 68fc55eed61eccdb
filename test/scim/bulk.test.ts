import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let rollcall: TestRollcall;
let organization: TestOrganization;
let names = 0;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
});
afterAll(() => rollcall.close());

interface Result {
  readonly location?: string;
  readonly method: string;
  readonly bulkId?: string;
  readonly version?: string;
  readonly status: string;
  readonly response?: { readonly status: string; readonly detail: string; readonly scimType?: string };
}

const named = (name: string) => {
  names += 1;
  return `${name}-${names}`;
};
const user = (bulkId: string, more: Json = {}) => ({
  method: 'POST',
  path: '/Users',
  bulkId,
  data: { schemas: [USER], userName: named(bulkId), ...more },
});
const group = (bulkId: string, ...members: string[]) => ({
  method: 'POST',
  path: '/Groups',
  bulkId,
  data: { schemas: [GROUP], displayName: named(bulkId), members: members.map((value) => ({ value })) },
});
const managedBy = (value: string) => ({ [ENTERPRISE]: { manager: { value } } });
const patch = (path: string, ...Operations: Json[]) => ({
  method: 'PATCH',
  path,
  data: { schemas: [PATCH], Operations },
});

async function send(
  Operations: readonly unknown[],
  more: Json = {},
  at: TestOrganization = organization,
): Promise<Result[]> {
  const { status, body } = await at.scim('POST', '/Bulk', { schemas: [BULK], Operations, ...more });
  expect([status, body]).toEqual([200, { schemas: [RESPONSE], Operations: expect.any(Array) }]);
  return (body as { Operations: Result[] }).Operations;
}

const statuses = (results: readonly Result[]) => results.map(({ status }) => status);
const pathOf = ({ location = '' }: Result) => location.slice(location.indexOf('/scim/v2') + 8);
const idOf = (result: Result | undefined) => pathOf(result as Result).split('/')[2] as string;
const read = async (result: Result | undefined, at = organization): Promise<Json> =>
  (await at.scim('GET', pathOf(result as Result)).expect(200)).body as Json;
const membersOf = async (result: Result | undefined, at = organization) =>
  (((await read(result, at))['members'] ?? []) as { value: string }[]).map(({ value }) => value).sort();
const managerOf = async (result: Result | undefined, at = organization) =>
  ((await read(result, at))[ENTERPRISE] as { manager?: { value: string } } | undefined)?.manager?.value;
const sent = async (userName: string): Promise<number> =>
  (
    (await organization.scim('GET', `/Users?filter=userName eq ${JSON.stringify(userName)}`)).body as {
      totalResults: number;
    }
  ).totalResults;

describe('the examples of RFC 7644 §3.7', () => {
  let alone: TestOrganization;
  beforeAll(async () => {
    alone = await rollcall.organization();
  });
  const post = (path: string, bulkId: string, data: Json) => ({ method: 'POST', path, bulkId, data });

  test('§3.7.2: Alice is created and is a member of the Tour Guides', async () => {
    const results = await send(
      [
        post('/Users', 'qwerty', { schemas: [USER], userName: 'Alice' }),
        post('/Groups', 'ytrewq', {
          schemas: [GROUP],
          displayName: 'Tour Guides',
          members: [{ type: 'User', value: 'bulkId:qwerty' }],
        }),
      ],
      {},
      alone,
    );
    expect(results).toEqual([
      {
        location: expect.stringMatching(/^http.*\/scim\/v2\/Users\/[0-9a-f-]{36}$/),
        method: 'POST',
        bulkId: 'qwerty',
        version: expect.stringMatching(/^W\/".+"$/),
        status: '201',
      },
      {
        location: expect.stringMatching(/^http.*\/scim\/v2\/Groups\/[0-9a-f-]{36}$/),
        method: 'POST',
        bulkId: 'ytrewq',
        version: expect.stringMatching(/^W\/".+"$/),
        status: '201',
      },
    ]);
    expect(await read(results[1], alone)).toMatchObject({
      displayName: 'Tour Guides',
      members: [{ value: idOf(results[0]), $ref: results[0]?.location, type: 'User' }],
    });
    const single = await alone.scim('GET', pathOf(results[1] as Result));
    expect(single.headers['etag']).toBe(results[1]?.version);
  });

  test('§3.7.2: Alice is the manager of Bob, by an attribute of an extension', async () => {
    const results = await send(
      [
        post('/Users', 'qwerty', { schemas: [USER], userName: 'Alice 2' }),
        post('/Users', 'ytrewq', {
          schemas: [USER, ENTERPRISE],
          userName: 'Bob',
          [ENTERPRISE]: { employeeNumber: '11250', manager: { value: 'bulkId:qwerty' } },
        }),
      ],
      {},
      alone,
    );
    expect((await read(results[1], alone))[ENTERPRISE]).toMatchObject({
      employeeNumber: '11250',
      manager: { value: idOf(results[0]) },
    });
  });

  test('§3.7.3: a user is added, one replaced, one changed and one deleted, each at its version', async () => {
    const before = await send(
      ['b', 'd', 'e'].map((name) => user(name, { nickName: name })),
      {},
      alone,
    );
    const [bob, dave, gone] = before as [Result, Result, Result];
    const operations = (versions: readonly (string | undefined)[]) => [
      post('/Users', 'qwerty', { schemas: [USER], userName: 'Alice 3' }),
      {
        method: 'PUT',
        path: pathOf(bob),
        version: versions[0],
        data: { schemas: [USER], id: idOf(bob), userName: 'Bob 3' },
      },
      {
        ...patch(
          pathOf(dave),
          { op: 'remove', path: 'nickName' },
          { op: 'add', path: 'userName', value: 'Dave' },
        ),
        version: versions[1],
      },
      { method: 'DELETE', path: pathOf(gone), version: versions[2] },
    ];
    const results = await send(operations(before.map(({ version }) => version)), { failOnErrors: 1 }, alone);
    expect(results).toEqual([
      { ...results[0], method: 'POST', bulkId: 'qwerty', status: '201' },
      { location: bob.location, method: 'PUT', version: expect.any(String), status: '200' },
      { location: dave.location, method: 'PATCH', version: expect.any(String), status: '200' },
      { location: gone.location, method: 'DELETE', status: '204' },
    ]);
    expect(results[1]?.version).not.toBe(bob.version);
    expect(await read(dave, alone)).toMatchObject({ userName: 'Dave' });
    expect(await read(dave, alone)).not.toHaveProperty('nickName');
    await alone.scim('GET', pathOf(gone)).expect(404);

    const again = await send(operations(before.map(({ version }) => version)), {}, alone);
    expect(again).toMatchObject([
      {
        method: 'POST',
        bulkId: 'qwerty',
        status: '409',
        response: { status: '409', scimType: 'uniqueness' },
      },
      { location: bob.location, method: 'PUT', status: '412', response: { status: '412' } },
      { location: dave.location, method: 'PATCH', status: '412', response: { status: '412' } },
      { location: gone.location, method: 'DELETE', status: '404', response: { status: '404' } },
    ]);
    expect(again[0]).not.toHaveProperty('location');
    const failed = await send(operations([]), { failOnErrors: 1 }, alone);
    expect(failed).toHaveLength(1);
  });

  test('§3.7.1: groups that are members of each other fail, since groups do not nest here', async () => {
    const member = (value: string) => ({ members: [{ type: 'Group', value }] });
    const results = await send(
      [
        post('/Groups', 'qwerty', { schemas: [GROUP], displayName: 'Group A', ...member('bulkId:ytrewq') }),
        post('/Groups', 'ytrewq', { schemas: [GROUP], displayName: 'Group B', ...member('bulkId:qwerty') }),
      ],
      {},
      alone,
    );
    expect(results).toMatchObject([
      {
        status: '400',
        response: { detail: expect.stringContaining('Nested groups are not supported') },
      },
      {
        status: '409',
        location: expect.any(String),
        response: { detail: expect.stringMatching(/^It was created, but without .*failed with 400/) },
      },
    ]);
    expect(await membersOf(results[1], alone)).toEqual([]);
  });
});

describe('references', () => {
  test('to what comes later in the Bulk are resolved, and the answer keeps the order of the request', async () => {
    const results = await send([
      group('crew', 'bulkId:ann', 'bulkId:bob'),
      user('bob', managedBy('bulkId:ann')),
      user('ann'),
    ]);
    expect(results.map(({ bulkId, status }) => [bulkId, status])).toEqual([
      ['crew', '201'],
      ['bob', '201'],
      ['ann', '201'],
    ]);
    const [crew, bob, ann] = results;
    expect(await membersOf(crew)).toEqual([idOf(ann), idOf(bob)].sort());
    expect(await managerOf(bob)).toBe(idOf(ann));
  });

  test('of users that manage each other, of one that manages itself, and within a longer circle are resolved', async () => {
    const results = await send([
      user('a', managedBy('bulkId:b')),
      user('b', managedBy('bulkId:a')),
      user('self', managedBy('bulkId:self')),
      user('c', managedBy('bulkId:d')),
      user('d', managedBy('bulkId:e')),
      user('e', managedBy('bulkId:c')),
    ]);
    expect(statuses(results)).toEqual(Array(6).fill('201'));
    const managers = await Promise.all(results.map((result) => managerOf(result)));
    expect(managers).toEqual([1, 0, 2, 4, 5, 3].map((at) => idOf(results[at])));
    for (const result of results) {
      const { headers } = await organization.scim('GET', pathOf(result));
      expect(headers['etag']).toBe(result.version);
    }
  });

  test('between a group and users with an attribute that names it are resolved', async () => {
    const results = await send([
      group('team', 'bulkId:lead', 'bulkId:hand'),
      user('lead', { nickName: 'bulkId:team' }),
      user('hand', managedBy('bulkId:lead')),
    ]);
    expect(statuses(results)).toEqual(['201', '201', '201']);
    expect(await membersOf(results[0])).toEqual([idOf(results[1]), idOf(results[2])].sort());
    expect((await read(results[1]))['nickName']).toBe(idOf(results[0]));
  });

  test('in paths, in values and in the filters of a PATCH are resolved, before and after their definition', async () => {
    const results = await send([
      patch('/Groups/bulkId:g', { op: 'add', path: 'members', value: [{ value: 'bulkId:x' }] }),
      patch('/Groups/bulkId%3Ag', { op: 'add', value: { members: [{ value: 'bulkId:y' }] } }),
      group('g', 'bulkId:z'),
      user('x'),
      user('y'),
      user('z'),
      patch('/Groups/bulkId:g', { op: 'remove', path: 'members[value eq "bulkId:z"]' }),
      patch('/Users/bulkId:x', { op: 'add', path: `${ENTERPRISE}:manager`, value: { value: 'bulkId:y' } }),
      {
        method: 'PUT',
        path: '/Users/bulkId:y',
        data: { schemas: [USER], userName: named('y'), title: 'Put' },
      },
      { method: 'DELETE', path: '/Users/bulkId:z' },
    ]);
    expect(statuses(results)).toEqual(['204', '204', '201', '201', '201', '201', '204', '200', '200', '204']);
    const [first, , g, x, y, z] = results;
    expect(first?.location).toBe(g?.location);
    expect(await membersOf(g)).toEqual([idOf(x), idOf(y)].sort());
    expect(await managerOf(x)).toBe(idOf(y));
    expect((await read(y))['title']).toBe('Put');
    expect(results.at(-1)?.location).toBe(z?.location);
    await organization.scim('GET', pathOf(z as Result)).expect(404);
  });

  test('to what no operation creates, or failed to, are errors of their operations alone', async () => {
    const taken = user('taken');
    const results = await send([
      taken,
      { ...taken, bulkId: 'again' },
      user('m', managedBy('bulkId:again')),
      user('n', managedBy('bulkId:nothing')),
      patch('/Groups/bulkId:again', { op: 'replace', path: 'displayName', value: 'x' }),
      user('o'),
    ]);
    expect(statuses(results)).toEqual(['201', '409', '409', '409', '409', '201']);
    expect(results.map(({ response }) => response?.detail)).toEqual([
      undefined,
      expect.stringContaining('userName'),
      'What bulkId "again" stands for was not created: its operation failed with 409.',
      'No operation of this Bulk creates what bulkId "nothing" stands for.',
      'What bulkId "again" stands for was not created: its operation failed with 409.',
      undefined,
    ]);
    expect(results[2]?.response?.scimType).toBe('invalidValue');
    expect(results[4]).not.toHaveProperty('location');
  });

  test('in a circle whose other half fails are missing, which the result says beside the location', async () => {
    const taken = user('half');
    const results = await send([
      taken,
      { ...taken, bulkId: 'q', data: { ...taken.data, ...managedBy('bulkId:p') } },
      user('p', managedBy('bulkId:q')),
      user('r', managedBy('bulkId:q')),
    ]);
    expect(results).toMatchObject([
      { status: '201' },
      { status: '409', response: { scimType: 'uniqueness' } },
      {
        status: '409',
        location: expect.any(String),
        response: {
          detail:
            'It was created, but without what refers to other operations: What bulkId "q" stands for was not created: its operation failed with 409.',
        },
      },
      { status: '409' },
    ]);
    expect(await managerOf(results[2])).toBeUndefined();
    expect(results[3]).not.toHaveProperty('location');
  });

  test('are not given to the second of two operations with the same bulkId', async () => {
    const results = await send([user('twin'), user('twin'), user('child', managedBy('bulkId:twin'))]);
    expect(statuses(results)).toEqual(['201', '400', '201']);
    expect(await managerOf(results[2])).toBe(idOf(results[0]));
  });
});

describe('failOnErrors', () => {
  const bad = () => ({ ...user('bad'), data: { schemas: [USER] } });

  test('ends a Bulk after so many errors; what is left is neither done nor listed', async () => {
    const last = user('last');
    const operations = [user('one'), bad(), user('two'), bad(), last];
    expect(statuses(await send(operations, { failOnErrors: 2 }))).toEqual(['201', '400', '201', '400']);
    expect(await sent(last.data.userName)).toBe(0);
  });

  test('that is missing or not reached lets all operations be tried', async () => {
    expect(statuses(await send([bad(), user('x'), bad()]))).toEqual(['400', '201', '400']);
    expect(statuses(await send([bad(), user('x'), bad()], { failOnErrors: 3 }))).toEqual([
      '400',
      '201',
      '400',
    ]);
  });

  test('counts those that cannot be read, in the order in which they are carried out', async () => {
    const operations = [user('waits', managedBy('bulkId:later')), 7, user('never'), user('later')];
    const results = await send(operations, { failOnErrors: 1 });
    expect(results.map(({ bulkId, status }) => [bulkId, status])).toEqual([
      ['waits', '201'],
      [undefined, '400'],
      ['later', '201'],
    ]);
  });
});

describe('limits', () => {
  test('a Bulk with more operations than are announced is 413 and names the limit', async () => {
    const operations = Array.from({ length: 1_001 }, () => ({ method: 'DELETE', path: '/Users/x' }));
    const { body } = await organization
      .scim('POST', '/Bulk', { schemas: [BULK], Operations: operations })
      .expect(413);
    expect(body).toMatchObject({
      detail:
        'This Bulk has 1001 operations, and the limit is 1000 (bulk.maxOperations of /ServiceProviderConfig): split it.',
    });
  });

  test('a Bulk with more bytes than are announced is 413 and names the limit', async () => {
    const title = 'x'.repeat(10 * 1024 * 1024);
    const { body } = await organization
      .scim('POST', '/Bulk', { schemas: [BULK], Operations: [user('large', { title })] })
      .expect(413);
    expect((body as Json)['detail']).toContain('larger than 10485760 bytes');
  });

  test('/Bulk takes POST alone', async () => {
    await organization.scim('GET', '/Bulk').expect(405);
  });

  test('each operation counts as a request, and a Bulk with more than are left is 429 as a whole', async () => {
    const limited = await startRollcall({
      limits: { perOrganization: 40, perConnection: 4, invalidPerAddress: 0 },
    });
    try {
      const at = await limited.organization();
      const config = (await at.scim('GET', '/ServiceProviderConfig').expect(200)).body as {
        bulk: { maxOperations: number };
      };
      expect(config.bulk.maxOperations).toBe(20);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const operations = Array.from({ length: 20 }, (_, index) => user(`u${index}`));
      expect(await send(operations.slice(0, 15), {}, at)).toHaveLength(15);
      const refused = await at.scim('POST', '/Bulk', {
        schemas: [BULK],
        Operations: [...operations.slice(0, 5), ...operations.slice(15), group('g'), group('h')],
      });
      expect(refused.status).toBe(429);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(((await at.scim('GET', '/Groups')).body as Json)['totalResults']).toBe(0);
    } finally {
      await limited.close();
    }
  });
});

describe('operations that a Bulk does not have', () => {
  test.each<[unknown, string, string]>([
    [{ method: 'GET', path: '/Users' }, '400', 'not "GET"'],
    [{ method: 'POST', path: '/Bulk', bulkId: 'n', data: {} }, '400', 'A Bulk changes users and groups'],
    [
      { method: 'POST', path: '/Users/.search', bulkId: 's', data: {} },
      '400',
      'A Bulk changes users and groups',
    ],
    [{ method: 'DELETE', path: '/Schemas/x' }, '400', 'A Bulk changes users and groups'],
    [{ method: 'DELETE', path: '/Nothing/x' }, '404', 'Endpoint not found'],
    [{ method: 'DELETE', path: '/Users/a/b' }, '404', 'Endpoint not found'],
    [{ method: 'DELETE', path: '/Users' }, '405', 'not allowed here'],
    [{ method: 'POST', path: '/Users/x', bulkId: 'p', data: {} }, '405', 'not allowed here'],
    [{ method: 'DELETE', path: '/Users/%ff' }, '400', 'percent-encoded'],
    [{ method: 'DELETE', path: '/Users/__proto__' }, '404', 'User not found'],
    [{ method: 'PATCH', path: '/Users/x', data: [] }, '400', 'a PatchOp'],
  ])('%j has an error of its own', async (operation, status, detail) => {
    const [first, second] = await send([operation, user('fine')]);
    expect(first).toMatchObject({
      status,
      response: { status, detail: expect.stringContaining(detail) },
    });
    expect(second?.status).toBe('201');
  });
});

test('an operation is read as the connection is: tolerant with quirks, strict without, and without ETags', async () => {
  const strict = await rollcall.organization({ strict: true });
  const [made] = await send([user('strict')], {}, strict);
  expect(made).not.toHaveProperty('version');
  const off = patch(pathOf(made as Result), { op: 'Replace', path: 'active', value: 'False' });
  expect(statuses(await send([off], {}, strict))).toEqual(['400']);
  expect(statuses(await send([{ ...user('lower'), method: 'post' }], {}, strict))).toEqual(['400']);
  const [tolerated] = await send([user('tolerant', { shoeSize: 7 })]);
  const same = patch(pathOf(tolerated as Result), { op: 'Replace', path: 'active', value: 'False' });
  const answer = await organization.scim('POST', '/Bulk', {
    schemas: [BULK],
    Operations: [same, user('ignored', { shoeSize: 7 })],
  });
  expect(answer.headers['rollcall-ignored']).toBe('shoeSize');
  expect((await read(tolerated))['active']).toBe(false);
  const circle = [user('s', managedBy('bulkId:t')), user('t', managedBy('bulkId:s'))];
  for (const { data } of circle) data.schemas = [USER, ENTERPRISE];
  expect(statuses(await send(circle, {}, strict))).toEqual(['201', '201']);
});

test('what another organization has is not found, changed or added', async () => {
  const other = await rollcall.organization();
  const [theirs, theirGroup] = await send([user('theirs'), group('their-group')], {}, other);
  const results = await send([
    patch(pathOf(theirs as Result), { op: 'replace', path: 'active', value: false }),
    { method: 'DELETE', path: pathOf(theirGroup as Result) },
    group('ours', idOf(theirs)),
  ]);
  expect(statuses(results)).toEqual(['404', '404', '400']);
  expect((await read(theirs, other))['active']).toBe(true);
  await read(theirGroup, other);
});

describe('hostile input', () => {
  test('a thousand users, each managed by the next and the last by the first, are created', async () => {
    const operations = Array.from({ length: 1_000 }, (_, index) =>
      user(`c${index}`, managedBy(`bulkId:c${(index + 1) % 1_000}`)),
    );
    const results = await send(operations);
    expect(new Set(statuses(results))).toEqual(new Set(['201']));
    expect(await managerOf(results[999])).toBe(idOf(results[0]));
    expect(await managerOf(results[0])).toBe(idOf(results[1]));
  }, 60_000);

  test('a thousand operations that fail at once let the requests of others have their turns', async () => {
    const operations = Array.from({ length: 1_000 }, () => ({
      method: 'DELETE',
      path: `/Users/${'é'.repeat(600)}`,
    }));
    let isDone = false;
    const bulk = send(operations).finally(() => {
      isDone = true;
    });
    let answered = 0;
    while (!isDone) {
      await organization.scim('GET', '/ServiceProviderConfig').expect(200);
      answered += 1;
    }
    expect(new Set(statuses(await bulk))).toEqual(new Set(['404']));
    expect(answered).toBeGreaterThan(3);
  });

  test('members called __proto__ and constructor change no object of the server', async () => {
    const text = `{"schemas":["${BULK}"],"__proto__":{"method":"DELETE"},"Operations":[
      {"__proto__":{"method":"POST","path":"/Users"},"bulkId":"a","data":{}},
      {"method":"POST","path":"/Users","bulkId":"__proto__","data":{"userName":"${named('p')}","__proto__":{"x":"bulkId:constructor"}}},
      {"method":"POST","path":"/Users","bulkId":"constructor","data":{"userName":"${named('q')}"}},
      {"method":"POST","path":"/Groups","bulkId":"toString","data":{"displayName":"${named('r')}","members":[{"value":"bulkId:__proto__"}]}}]}`;
    const { body } = await organization.scim('POST', '/Bulk', text).expect(200);
    const { Operations: results } = body as { Operations: Result[] };
    expect(statuses(results)).toEqual(['400', '201', '201', '201']);
    expect(await membersOf(results[3])).toEqual([idOf(results[1])]);
    expect(({} as Json)['x']).toBeUndefined();
  });

  test('a bulkId of ten kilobytes, or a reference to one, is an error that does not repeat it', async () => {
    const long = 'x'.repeat(10_000);
    const results = await send([user(long), user('r', managedBy(`bulkId:${long}`))]);
    expect(statuses(results)).toEqual(['400', '409']);
    expect(JSON.stringify(results).length).toBeLessThan(2_000);
  });

  test('a body that nests too deep, or names a member twice, is rejected', async () => {
    const deep = `${'['.repeat(100)}${']'.repeat(100)}`;
    const operation = (data: string) =>
      `{"schemas":["${BULK}"],"Operations":[{"method":"POST","path":"/Users","bulkId":"a","data":${data}}]}`;
    await organization.scim('POST', '/Bulk', operation(deep)).expect(400);
    await organization.scim('POST', '/Bulk', operation('{"userName":"a","userName":"b"}')).expect(400);
    await organization.scim('POST', '/Bulk', '{"Operations":').expect(400);
  });
});

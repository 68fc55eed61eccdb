import { request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

let rollcall: TestRollcall;
let organization: TestOrganization;
let user: string;
let group: string;
let before: string;

/** Everything there is, as one number of each. */
const census = async (): Promise<string> => {
  const [row] = await rollcall.rollcall.db.search<object>(
    `select (select count(*) from users) as users, (select sum(version) from users) as versions,
       (select count(*) from groups) as groups, (select count(*) from group_members) as members,
       (select count(*) from user_email_keys) as keys, (select count(*) from events) as events`,
    [],
  );
  return JSON.stringify(row);
};

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  user = (
    (
      await organization.scim('POST', '/Users', {
        userName: 'there@example.com',
        emails: [{ value: 'a@b.c', type: 'work' }],
      })
    ).body as Json
  )['id'] as string;
  group = (
    (await organization.scim('POST', '/Groups', { displayName: 'There', members: [{ value: user }] }))
      .body as Json
  )['id'] as string;
  before = await census();
});

afterAll(async () => {
  expect(await census()).toBe(before);
  await organization.scim('GET', `/Users/${user}`).expect(200);
  await rollcall.close();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

function expectScimError(
  { status, headers, body }: Answer,
  expected: number | readonly number[],
  scimType?: string,
): void {
  expect([expected].flat()).toContain(status);
  expect(headers['content-type']).toMatch(/^application\/scim\+json/);
  expect(body).toMatchObject({
    schemas: [ERROR],
    status: String(status),
    ...(scimType === undefined ? {} : { scimType }),
  });
  const { detail } = body as { detail: string };
  expect(detail.length).toBeGreaterThan(10);
  expect(detail).not.toMatch(/ at .*:\d+:\d+|node_modules|select |insert |update |syntax error|postgres/i);
}

const patchOf = (...Operations: unknown[]) => ({ schemas: [PATCH], Operations });
const filter = (text: string) => `?filter=${encodeURIComponent(text)}`;

describe('bodies', () => {
  test.each([
    ['not JSON', '{"userName": ', 400],
    ['empty', '', 400],
    ['an array', '[]', 400],
    ['a string', '"x"', 400],
    ['null', 'null', 400],
    ['a name twice', '{"userName":"x","userName":"y"}', 400],
    ['a name twice, one escaped', '{"userName":"x","user\\u004eame":"y"}', 400],
    ['a name twice in another case', '{"userName":"x","USERNAME":"y"}', 400],
    ['nested 10,000 deep', `{"userName":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 400],
    ['a misspelled required attribute', '{"usrName":"x"}', 400],
    ['a NUL character', '{"userName":"a\\u0000b"}', 400],
    ['half a surrogate pair', '{"userName":"a\\ud800b"}', 400],
    ['a name of 10,000 characters', `{"userName":"${'x'.repeat(10_000)}"}`, 400],
    ['no userName', '{"displayName":"x"}', 400],
    ['a fraction for a string', '{"userName":7.5}', 400],
    ['a number for a string that loses digits', '{"userName":12345678901234567890}', 400],
    ['a userName of white space', '{"userName":" \\t"}', 400],
    ['an array of two for one value', '{"userName":["x","y"]}', 400],
    ['schemas twice in another case', '{"userName":"x","Schemas":[],"schemas":[]}', 400],
    ['a word for a boolean', '{"userName":"x","active":"perhaps"}', 400],
    [
      'two primaries',
      '{"userName":"x","emails":[{"value":"a","primary":true},{"value":"b","primary":true}]}',
      400,
    ],
    ['a string for an array', '{"userName":"x","emails":"a"}', 400],
    ['a number out of range', '{"userName":"x","title":1e999}', 400],
  ])('%s', async (_, body, status) => {
    expectScimError(await organization.scim('POST', '/Users', body), status);
  });

  test.each([
    'application/xml',
    'text/html',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'application/scim+json; charset=utf-16',
  ])('of the type %s are 415', async (type) => {
    expectScimError(
      await organization.scim('POST', '/Users', '{"userName":"x"}', { 'Content-Type': type }),
      415,
    );
  });

  test('that are compressed are 415', async () => {
    const headers = { 'Content-Encoding': 'gzip' };
    expectScimError(await organization.scim('POST', '/Users', '{"userName":"x"}', headers), 415);
  });

  test('that are not UTF-8 are 400 invalidSyntax', async () => {
    const answer = await raw('POST', '/Users', Buffer.from([0x7b, 0x22, 0x61, 0xff, 0x22, 0x3a, 0x31, 0x7d]));
    expectScimError(answer, 400, 'invalidSyntax');
  });

  test('over the limit are 413, announced or not', async () => {
    const large = Buffer.alloc(11 * 1024 * 1024, 0x20);
    expectScimError(await raw('POST', '/Users', large), 413);
    expectScimError(await raw('POST', '/Users', large, { 'Transfer-Encoding': 'chunked' }), 413);
  });

  test('that break off halfway do nothing, and the next request is served', async () => {
    const { port } = rollcall.server.address() as AddressInfo;
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(
          `POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${organization.token}\r\nContent-Type: application/scim+json\r\nContent-Length: 500\r\n\r\n{"userName":"half@example.com"`,
        );
        setTimeout(() => socket.destroy(), 50);
      });
      socket.on('close', () => resolve());
    });
    await organization.scim('GET', '/Users').expect(200);
  });
});

describe('patches', () => {
  test('of more operations than one request may have are 413', async () => {
    const title = { op: 'add', path: 'title', value: 'x' };
    const member = { op: 'add', path: 'members', value: [{ value: user }] };
    const times = (count: number, operation: object) => patchOf(...Array(count).fill(operation));
    expectScimError(await organization.scim('PATCH', `/Users/${user}`, times(1_001, title)), 413);
    expectScimError(await organization.scim('PATCH', `/Groups/${group}`, times(20_001, member)), 413);
    expectScimError(
      await organization.scim(
        'PATCH',
        `/Groups/${group}`,
        patchOf({ op: 'remove', path: 'members', value: Array(50_001).fill({ value: user }) }),
      ),
      413,
    );
    const removal = { op: 'remove', path: 'members', value: Array(30_000).fill({ value: user }) };
    expectScimError(await organization.scim('PATCH', `/Groups/${group}`, patchOf(removal, removal)), 413);
  });

  test.each([
    [{ op: 'increase', path: 'title', value: 'x' }, 'invalidSyntax'],
    [{ op: 'add', path: '__proto__', value: 'x' }, 'invalidPath'],
    [{ op: 'add', path: 'emails[__proto__ eq "x"].value', value: 'x' }, 'invalidPath'],
    [{ op: 'add', path: 'emails[constructor eq "x"].value', value: 'x' }, 'invalidFilter'],
    [{ op: 'add', path: 'emails[type eq "work"', value: 'x' }, 'invalidPath'],
    [{ op: 'add', path: `${'emails['.repeat(5_000)}`, value: 'x' }, 'invalidPath'],
    [{ op: 'add', path: 7, value: 'x' }, 'invalidPath'],
    [{ op: 'add', path: '', value: 'x' }, 'invalidValue'],
    [{ op: 'remove' }, 'noTarget'],
    [{ op: 'replace', path: 'id', value: 'x' }, 'mutability'],
    [{ op: 'replace', path: 'meta.version', value: 'x' }, 'mutability'],
    [{ op: 'remove', path: 'userName' }, 'mutability'],
    [{ op: 'replace', path: 'active', value: 'perhaps' }, 'invalidValue'],
    [{ op: 'replace', value: 'x' }, 'invalidValue'],
    [{ op: 'replace', path: 'title', value: 'a\0b' }, 'invalidValue'],
    ['add', 'invalidSyntax'],
  ])('%j is 400', async (operation, scimType) => {
    const harmless = { op: 'replace', path: 'title', value: 'must not stay' };
    expectScimError(
      await organization.scim('PATCH', `/Users/${user}`, patchOf(harmless, operation)),
      400,
      scimType,
    );
  });

  test.each([
    [{ op: 'add', path: 'members', value: [{ value: '019a0000-0000-7000-8000-00000000dead' }] }],
    [{ op: 'add', path: 'members', value: [{ value: '__proto__' }] }],
    [{ op: 'add', path: 'members', value: [{ value: 'x', type: 'Group' }] }],
    [{ op: 'add', path: 'members', value: [7] }],
    [{ op: 'add', path: 'members', value: [{}] }],
    [{ op: 'replace', path: 'members', value: [{}] }],
    [{ op: 'add', path: 'members', value: ['019a0000-0000-7000-8000-00000000dead'] }],
    [{ op: 'add', path: 'members', value: [{ display: 'Ann' }] }],
    [{ op: 'remove', path: 'members[display eq "Ann"]' }],
  ])('of members with %j are 400, and no one leaves', async (operation) => {
    const removal = { op: 'remove', path: `members[value eq "${user}"]` };
    expectScimError(await organization.scim('PATCH', `/Groups/${group}`, patchOf(removal, operation)), 400);
  });

  test.each([
    [{}],
    [{ Operations: [] }],
    [{ Operations: {} }],
    [{ schemas: [USER], Operations: [{ op: 'add', value: {} }] }],
  ])('%j is no PATCH', async (body) => {
    expectScimError(await organization.scim('PATCH', `/Users/${user}`, body), 400, 'invalidSyntax');
  });
});

describe('queries', () => {
  test.each([
    'shoeSize eq 44',
    'userName is "x"',
    'userName eq',
    'userName eq "x',
    '(userName eq "x"',
    'userName eq "x")',
    '__proto__ eq "x"',
    'constructor.name eq "x"',
    'emails[__proto__ pr]',
    'emails[emails[type eq "x"]]',
    'password eq "x"',
    'active gt true',
    'active co "t"',
    'meta.created gt "yesterday"',
    'name eq "x"',
    'userName eq 7.5',
    `userName eq "a\\u0000b"`,
    `${'('.repeat(4_000)}userName pr`,
    `not (${'not ('.repeat(1_000)}`,
    Array.from({ length: 300 }, () => 'id pr').join(' or '),
    'x'.repeat(8_193),
  ])('the filter %j is 400 invalidFilter', async (text) => {
    expectScimError(await organization.scim('GET', `/Users${filter(text)}`), 400, 'invalidFilter');
  });

  test('filters of a mebibyte and 10,000 levels are rejected immediately, in a body and in the URL', async () => {
    for (const text of [
      `userName eq "${'x'.repeat(1_048_576)}"`,
      `${'('.repeat(10_000)}id pr${')'.repeat(10_000)}`,
    ]) {
      const start = performance.now();
      expectScimError(
        await organization.scim('POST', '/Users/.search', { schemas: [SEARCH], filter: text }),
        400,
        'invalidFilter',
      );
      expectScimError(
        await organization.scim('GET', `/Users${filter(`${text.slice(0, 20_000)}`)}`),
        [400, 431],
        'invalidFilter',
      );
      expect(performance.now() - start).toBeLessThan(2_000);
    }
  });

  test('many concurrent large bodies are each answered or rejected, and the next request is served', async () => {
    const body = { schemas: [SEARCH], filter: 'x'.repeat(2_097_152) };
    const answers = await Promise.all(
      Array.from({ length: 24 }, () => organization.scim('POST', '/Users/.search', body)),
    );
    for (const { status, headers } of answers) {
      expect([status, headers['retry-after']]).toEqual(status === 503 ? [503, '5'] : [400, undefined]);
    }
    expect(answers.some(({ status }) => status === 400)).toBe(true);
    await organization.scim('GET', '/Users?count=1').expect(200);
  });

  test.each([
    ['/Users?startIndex=x', 'invalidValue'],
    ['/Users?count=1e3', 'invalidValue'],
    ['/Users?count=99999999999999999999', 'invalidValue'],
    ['/Users?sortBy=__proto__', 'invalidValue'],
    ['/Users?sortBy=userName&sortOrder=sideways', 'invalidValue'],
    ['/Users?attributes=userName&excludedAttributes=name', 'invalidSyntax'],
    ['/Users?filter=%FF', 'invalidValue'],
    ['/Users?filter=%E0%A4%A', 'invalidValue'],
  ])('%s is 400 %s', async (path, scimType) => {
    expectScimError(await organization.scim('GET', path), 400, scimType);
  });

  test.each([
    '/Users?attributes=__proto__,constructor',
    '/Users?__proto__=x&constructor=y',
    '/Users?startIndex=-5&count=-1',
  ])('%s asks for nothing that is there, and gets an answer', async (path) => {
    expect((await organization.scim('GET', path)).status).toBe(200);
  });

  test.each(['__proto__', 'constructor', '../Groups', 'x'.repeat(2_000), '%00', '1', 'null'])(
    "the id %s is no user's",
    async (id) => {
      expectScimError(await organization.scim('GET', `/Users/${encodeURIComponent(id)}`), 404);
    },
  );

  test('a path that is not UTF-8 is 400', async () => {
    expectScimError(await raw('GET', '/Users/%FF'), 400);
  });

  test.each([
    ['PUT', '/Users'],
    ['POST', '/Users/019a0000-0000-7000-8000-000000000001'],
    ['DELETE', '/Schemas'],
  ])('%s %s is 405 and returns what is allowed', async (method, path) => {
    const answer = await organization.scim(method, path, {});
    expectScimError(answer, 405);
    expect(answer.headers['allow']).toMatch(/GET/);
  });
});

test('whatever a client sends, it gets an answer that is not a failure of ours (fuzz, seed 20261124)', async () => {
  const word = fc.constantFrom(
    'userName',
    'emails',
    'active',
    'members',
    'name.givenName',
    '__proto__',
    'meta',
    'eq',
    'and',
    'not',
    '(',
    ')',
    '[',
    ']',
    '"',
    '"x"',
    '\\',
    'pr',
    'co',
    'true',
    'null',
    '7',
    '\u0000',
    '💥',
    'urn:ietf:params:scim:schemas:core:2.0:User:',
  );
  const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '));
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(word, tie('any'), { maxKeys: 3 }),
    ),
  })).any;
  const operation = fc.record({
    op: fc.constantFrom('add', 'Replace', 'remove', 'x'),
    path: fc.option(text, { nil: undefined }),
    value,
  });
  const paths = ['/Users', `/Users/${user}x`, '/Groups', '/Users/.search', '/nowhere'];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('POST', 'PUT', 'PATCH'),
      fc.constantFrom(...paths),
      fc.oneof(
        value,
        operation.map((each) => patchOf(each)),
      ),
      text,
      async (method, path, body, query) => {
        const answers = [
          await organization.scim(method, path, body),
          await organization.scim('GET', `/Users${filter(query)}`),
        ];
        for (const { status, headers } of answers) {
          expect(status).toBeLessThan(500);
          expect(headers['content-type'] ?? 'application/scim+json').toMatch(/^application\/scim\+json/);
        }
      },
    ),
    { numRuns: 400, seed: 20_261_124 },
  );
}, 60_000);

/** A request whose bytes are exactly these. */
function raw(
  method: string,
  path: string,
  body?: Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const { port } = rollcall.server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method,
        path: `/scim/v2${path}`,
        headers: {
          Authorization: `Bearer ${organization.token}`,
          ...(body === undefined ? {} : { 'Content-Type': 'application/scim+json' }),
          ...(body === undefined || headers['Transfer-Encoding'] !== undefined
            ? {}
            : { 'Content-Length': body.length }),
          ...headers,
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(text) });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

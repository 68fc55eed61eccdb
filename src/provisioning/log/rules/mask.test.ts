import { describe, expect, test } from '@jest/globals';
import { createMasker, createScrubber } from './mask.ts';
import { mentionsIn } from './mentions.ts';

const masker = createMasker(['pin']);
const masked = (body: unknown) => {
  const { text, state } = masker.maskBody(
    Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  );
  return [state, text === undefined ? undefined : JSON.parse(text)];
};

describe('a body', () => {
  test.each<[unknown, unknown]>([
    [{ password: 'x' }, { password: '[masked]' }],
    [{ a: [{ PassWord: ['x', 1, null] }] }, { a: [{ PassWord: ['[masked]', '[masked]', null] }] }],
    [{ 'urn:x:2.0:User:password': 'x' }, { 'urn:x:2.0:User:password': '[masked]' }],
    [
      { value: 'x', Path: 'PASSWORD' },
      { value: '[masked]', Path: 'PASSWORD' },
    ],
    [
      { pin: '1234', x: 'y' },
      { pin: '[masked]', x: 'y' },
    ],
    [{ path: 'emails[token eq "x y"].value' }, { path: 'emails[token eq "[masked]"].value' }],
    [{ roles: ['{"secret":"x"}'] }, { roles: ['[masked]'] }],
    [{ 'API Key': 'x' }, { 'API Key': '[masked]' }],
    [{ private_key: 'x' }, { private_key: '[masked]' }],
    [{ SessionCookie: 'x' }, { SessionCookie: '[masked]' }],
  ])('%j is kept as %j', (sent, kept) => {
    expect(masked(sent)).toEqual(['masked', kept]);
  });

  test('that names no secret is kept as it was sent, whatever its values say', () => {
    for (const sent of [{ displayName: 'Token team' }, { mapping: 'pin' }, { title: 'a\\u0041' }]) {
      expect(masked(sent)).toEqual(['whole', sent]);
    }
  });

  test.each([['{"password": "x'], ['password=x'], [`{"password":${'['.repeat(100_000)}`]])(
    'that is no JSON and names a secret is withheld',
    (sent) => {
      expect(masker.maskBody(Buffer.from(sent))).toMatchObject({ text: undefined, state: 'withheld' });
    },
  );

  test('in another encoding is withheld', () => {
    expect(masker.maskBody(Buffer.from('{"password":"x"}', 'utf16le')).state).toBe('withheld');
    expect(masker.maskBody(Buffer.from([0x1f, 0x8b, 0xff, 0xfe])).state).toBe('withheld');
  });
});

test('a query has its parameters and comparisons masked where they name a secret', () => {
  expect(masker.maskQuery('filter=password%20eq%20%22a%26b%22&count=1').text).toBe(
    'filter=password eq "[masked]"&count=1',
  );
  expect(masker.maskQuery('access_token=x&filter=userName+eq+%22ann%22').text).toBe(
    'access_token=[masked]&filter=userName eq "ann"',
  );
});

test('an error that repeats a secret, whole or cut, is scrubbed', () => {
  const scrub = createScrubber(['correct horse "battery"']);
  expect(scrub('"correct horse "battery"" is not a name')).toBe('"[masked]" is not a name');
  expect(scrub('"correct horse…" is not a name')).toBe('"[masked]" is not a name');
});

test('a request mentions ids, names and addresses in the form in which they are compared', () => {
  const body =
    '{"userName":"J\\u00e4ne","emails":[{"value":"Jane@X.example"}],"id":"01890000-0000-7000-8000-00000000DEAD"}';
  expect(mentionsIn([body], '/Users/Bob', 'filter=userName eq "Ann \\"A\\""').sort()).toEqual([
    '01890000-0000-7000-8000-00000000dead',
    'ann "a"',
    'bob',
    'jane@x.example',
    'jäne',
  ]);
});

test('an answer about a user mentions the manager and none of the groups', () => {
  const [id, manager, group] = ['1', '2', '3'].map((digit) => `01890000-0000-7000-8000-00000000000${digit}`);
  const groups = [{ value: group, $ref: `/scim/v2/Groups/${group}`, display: 'a"}]', type: 'direct' }];
  const answer = JSON.stringify({ id, groups, manager: { value: manager } });
  expect(mentionsIn([answer], '/Users', '')).toEqual([id, manager]);
  expect(mentionsIn([JSON.stringify({ groups: [{ value: group }] })], '/Users', '')).toEqual([group]);
});

test('ids are found wherever hyphens stand before them', () => {
  const id = '01890000-0000-7000-8000-00000000dead';
  for (const text of [id, `x-${id}`, `a-b-c-d-${id}-1`, `0-${id}${id}`, `urn-0000-0000-0000-${id}`]) {
    expect(mentionsIn([text], '/Users', '')).toContain(id);
  }
  expect(mentionsIn([id.slice(1), `${id.slice(0, -1)}-`, '-', '--------'], '/Users', '')).toEqual([]);
});

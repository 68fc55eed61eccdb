import { describe, expect, test } from '@jest/globals';
import { referenceInPath, referencesIn, resolveReferences, splitReferences } from './references.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const idOf = (bulkId: string) => `<${bulkId}>`;

describe('a reference', () => {
  test.each<[unknown, unknown]>([
    [{ members: [{ value: 'bulkId:a' }] }, { members: [{ value: '<a>' }] }],
    [{ [ENTERPRISE]: { manager: { value: 'bulkId:a' } } }, { [ENTERPRISE]: { manager: { value: '<a>' } } }],
    [{ manager: 'BULKID:a b' }, { manager: '<a b>' }],
    [{ value: ['bulkId:a', 'b'] }, { value: ['<a>', 'b'] }],
    [{ $ref: 'https://x/Users/bulkId:a' }, { $ref: 'https://x/Users/<a>' }],
    [{ $REF: '../Users/bulkId:a' }, { $REF: '../Users/<a>' }],
    [{ path: 'members[value eq "bulkId:a"]' }, { path: 'members[value eq "<a>"]' }],
    [
      { path: 'members[value eq "bulkId:a\\"b" or value eq "bulkId:c"]' },
      { path: 'members[value eq "<a\\"b>" or value eq "<c>"]' },
    ],
  ])('in %j is replaced by the id', (data, resolved) => {
    expect(resolveReferences(data, idOf)).toEqual(resolved);
  });

  test.each<unknown>([
    { value: 'the bulkId:a' },
    { displayName: 'members[value eq "bulkId:a"]' },
    { 'bulkId:a': 1 },
    { value: 'x/bulkId:a' },
    [null, 1, true, 'a'],
  ])('is not seen in %j, which is not copied either', (data) => {
    expect(resolveReferences(data, idOf)).toBe(data);
    expect(referencesIn(data).size).toBe(0);
  });

  test('is found at any depth, each once', () => {
    const data = { a: [{ value: 'bulkId:x' }, { b: { c: 'bulkId:y' } }, 'bulkId:x'] };
    expect([...referencesIn(data)]).toEqual(['x', 'y']);
  });

  test('stands in the path of a request', () => {
    expect([referenceInPath('bulkId:a'), referenceInPath('a'), referenceInPath('')]).toEqual([
      'a',
      undefined,
      undefined,
    ]);
  });

  test('beside a member called __proto__ leaves that a member', () => {
    const data = JSON.parse('{"__proto__": {"value": "bulkId:a"}, "constructor": "bulkId:b"}');
    const resolved = resolveReferences(data, idOf);
    expect(JSON.stringify(resolved)).toBe('{"__proto__":{"value":"<a>"},"constructor":"<b>"}');
    expect(({} as { value?: string }).value).toBeUndefined();
  });
});

describe('the body of a POST without some references', () => {
  test('has the other values, and a PATCH for those with the references', () => {
    const data = {
      schemas: ['x'],
      displayName: 'Tour Guides',
      members: [{ value: 'bulkId:a' }, { value: 'bulkId:b' }, { value: '1' }],
      owner: { value: 'bulkId:a' },
      [ENTERPRISE]: { department: 'R&D', manager: { value: 'bulkId:a' } },
    };
    expect(splitReferences(data, new Set(['a']))).toEqual({
      now: {
        schemas: ['x'],
        displayName: 'Tour Guides',
        members: [{ value: 'bulkId:b' }, { value: '1' }],
        [ENTERPRISE]: { department: 'R&D' },
      },
      later: [
        { op: 'add', path: 'members', value: [{ value: 'bulkId:a' }] },
        { op: 'add', path: 'owner', value: { value: 'bulkId:a' } },
        { op: 'add', path: `${ENTERPRISE}:manager`, value: { value: 'bulkId:a' } },
      ],
    });
  });

  test('that is no object stays as it is', () => {
    expect(splitReferences('bulkId:a', new Set(['a']))).toEqual({ now: 'bulkId:a', later: [] });
  });
});

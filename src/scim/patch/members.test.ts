import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MemberDelta } from '../../directory/groups/group.ts';
import { ScimError } from '../errors.ts';
import type { Dialect } from '../quirks/dialect.ts';
import { strictDialect, tolerantDialect } from '../quirks/index.ts';
import { readSchemas } from '../schema/definition.ts';
import { compileResourceTypes } from '../schema/resource-type.ts';
import { foldMembers, memberIds } from './members.ts';
import { PATCH_SCHEMA, parsePatch } from './operation.ts';

const { group } = compileResourceTypes(readSchemas('scim-schemas'));
const ids = Array.from({ length: 6 }, (_, n) => `00000000-0000-7000-8000-00000000000${n}`);

const fold = (operations: readonly object[], dialect: Dialect = tolerantDialect): MemberDelta =>
  foldMembers(parsePatch({ schemas: [PATCH_SCHEMA], Operations: operations }, group, dialect), dialect);

/** What the store does with a delta. */
function applied(delta: MemberDelta, before: ReadonlySet<string>): Set<string> {
  const kept = delta.clear ? [] : [...before].filter((id) => !delta.remove.has(id as never));
  return new Set([...kept, ...delta.add]);
}

function refusal(work: () => unknown): ScimError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
}

/** An operation as it is sent, and what it does to a plain set. */
interface Step {
  readonly sent: object;
  readonly model: (members: ReadonlySet<string>) => ReadonlySet<string>;
}

const some = fc.uniqueArray(fc.constantFrom(...ids), { maxLength: 4 });
const wire = (chosen: readonly string[]) => chosen.map((value) => ({ value }));
const without = (members: ReadonlySet<string>, gone: readonly string[]) =>
  new Set([...members].filter((id) => !gone.includes(id)));
const steps: fc.Arbitrary<Step> = fc.oneof(
  some.map(
    (chosen): Step => ({
      sent: { op: 'add', path: 'members', value: wire(chosen) },
      model: (members) => new Set([...members, ...chosen]),
    }),
  ),
  fc.constantFrom(...ids).map(
    (id): Step => ({
      sent: { op: 'Add', path: 'MEMBERS', value: { value: id.toUpperCase() } },
      model: (members) => new Set([...members, id]),
    }),
  ),
  some.map(
    (chosen): Step => ({
      sent: { op: 'add', value: { members: wire(chosen) } },
      model: (members) => new Set([...members, ...chosen]),
    }),
  ),
  some.map(
    (chosen): Step => ({
      sent: { op: 'replace', path: 'members', value: wire(chosen) },
      model: () => new Set(chosen),
    }),
  ),
  some.map(
    (chosen): Step => ({
      sent: {
        op: 'Remove',
        path: 'members',
        value: wire(chosen).map((member) => ({ ...member, $ref: null })),
      },
      model: (members) => without(members, chosen),
    }),
  ),
  some
    .filter((chosen) => chosen.length > 0)
    .map(
      (chosen): Step => ({
        sent: { op: 'remove', path: `members[${chosen.map((id) => `value eq "${id}"`).join(' or ')}]` },
        model: (members) => without(members, chosen),
      }),
    ),
  fc.constantFrom(...ids).map(
    (id): Step => ({
      sent: { op: 'remove', path: `members[type eq "User" and value eq "${id}"]` },
      model: (members) => without(members, [id]),
    }),
  ),
  fc.constantFrom<Step>(
    { sent: { op: 'remove', path: 'members' }, model: () => new Set() },
    { sent: { op: 'replace', path: 'members', value: [] }, model: () => new Set() },
    { sent: { op: 'replace', path: 'members', value: null }, model: () => new Set() },
    { sent: { op: 'remove', path: 'members[type eq "User"]' }, model: () => new Set() },
    { sent: { op: 'remove', path: 'members[value eq "nobody"]' }, model: (members) => members },
    { sent: { op: 'add', path: 'members', value: [] }, model: (members) => members },
  ),
);

describe('foldMembers', () => {
  test('ends, for all initial members, with the members that the operations leave one by one', () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 1, maxLength: 12 }), some, (sequence, before) => {
        const expected = sequence.reduce<ReadonlySet<string>>(
          (members, { model }) => model(members),
          new Set(before),
        );
        expect(applied(fold(sequence.map(({ sent }) => sent)), new Set(before))).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  test('lists no user twice: an added user is not removed, and a clearing removes none by name', () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 1, maxLength: 12 }), (sequence) => {
        const delta = fold(sequence.map(({ sent }) => sent));
        expect([...delta.remove].filter((id) => delta.add.has(id))).toEqual([]);
        if (delta.clear) expect(delta.remove.size).toBe(0);
      }),
    );
  });

  test('of no operations is no change', () => {
    expect(foldMembers([], tolerantDialect)).toEqual({ clear: false, add: new Set(), remove: new Set() });
  });

  test('removes with a value only the users in the value, not all', () => {
    expect(fold([{ op: 'Remove', path: 'members', value: [{ $ref: null, value: ids[0] }] }])).toEqual({
      clear: false,
      add: new Set(),
      remove: new Set([ids[0]]),
    });
  });

  test('removes no user with an empty value', () => {
    const operation = { op: 'Remove', path: 'members', value: [] };
    expect(applied(fold([operation]), new Set(ids))).toEqual(new Set(ids));
  });

  test('takes 10,000 operations on 10,000 members in a moment', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => ({
      value: `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    }));
    const start = performance.now();
    expect(fold([{ op: 'remove', path: 'members', value: many }]).remove.size).toBe(10_000);
    expect(fold([{ op: 'add', path: 'members', value: many }]).add.size).toBe(10_000);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test.each([
    ['a member without a value', { op: 'add', path: 'members', value: [{ display: 'x' }] }, 'invalidValue'],
    ['an invalid id', { op: 'add', path: 'members', value: [{ value: '7' }] }, 'invalidValue'],
    ['an id that is a number', { op: 'add', path: 'members', value: [{ value: 7 }] }, 'invalidValue'],
    ['a string that is no id', { op: 'add', path: 'members', value: 'ann' }, 'invalidValue'],
    ['a group', { op: 'add', path: 'members', value: [{ value: ids[0], type: 'Group' }] }, 'invalidValue'],
    [
      'a change of one member',
      { op: 'replace', path: `members[value eq "${ids[0]}"]`, value: { value: ids[1] } },
      'mutability',
    ],
    [
      "a change of one member's id",
      { op: 'replace', path: `members[value eq "${ids[0]}"].value`, value: ids[1] },
      'mutability',
    ],
    ['a change of every member', { op: 'add', path: 'members.value', value: ids[1] }, 'mutability'],
    [
      "the removal of a member's id",
      { op: 'remove', path: `members[value eq "${ids[0]}"].value` },
      'mutability',
    ],
    ['a selection by name', { op: 'remove', path: 'members[display eq "Ann"]' }, 'invalidFilter'],
    ['a selection of the others', { op: 'remove', path: `members[value ne "${ids[0]}"]` }, 'invalidFilter'],
    [
      'a selection of the others',
      { op: 'remove', path: `members[not (value eq "${ids[0]}")]` },
      'invalidFilter',
    ],
    ['a selection of those who have an id', { op: 'remove', path: 'members[value pr]' }, 'invalidFilter'],
    ['a selection by another type', { op: 'remove', path: 'members[type eq "Group"]' }, 'invalidFilter'],
  ])('refuses %s', (_, operation, scimType) => {
    expect(refusal(() => fold([operation]))).toMatchObject({ status: 400, scimType });
  });

  test('leaves out a sub-attribute that no schema has, and rejects it in strict mode', () => {
    const operation = { op: 'add', path: 'members', value: [{ value: ids[0], constructor: 1 }] };
    expect(fold([operation]).add).toEqual(new Set([ids[0]]));
    expect(refusal(() => fold([operation], strictDialect))).toMatchObject({ scimType: 'invalidSyntax' });
  });

  test('in strict mode rejects what only a quirk would read', () => {
    expect(refusal(() => fold([{ op: 'Add', path: 'members', value: [] }], strictDialect))).toMatchObject({
      scimType: 'invalidSyntax',
    });
  });
});

describe('memberIds', () => {
  test('reads ids in any case as one', () => {
    const id = 'abcdef00-0000-7000-8000-000000000000';
    expect(memberIds([{ value: id }, { value: id.toUpperCase() }])).toEqual(new Set([id]));
  });
});

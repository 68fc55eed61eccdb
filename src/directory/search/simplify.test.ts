import { describe, expect, test } from '@jest/globals';
import type { Predicate } from './predicate.ts';
import { type Asked, simplify } from './simplify.ts';

const users: Asked = { kind: 'User', baseUrl: 'https://a.example/scim/v2' };
const ID = '01a227cf-4a58-736d-930f-37525ace4f5b';
const present = (name: string): Predicate => ({
  kind: 'present',
  field: { kind: 'named', name: name as 'id', type: 'text' },
});
const compare = (name: string, comparator: 'eq' | 'sw' | 'gt', value: string): Predicate => ({
  kind: 'compare',
  field: { kind: 'named', name: name as 'id', type: 'text' },
  comparator,
  value,
});
const and = (...all: Predicate[]): Predicate => ({ kind: 'and', all });
const or = (...all: Predicate[]): Predicate => ({ kind: 'or', all });
const not = (operand: Predicate): Predicate => ({ kind: 'not', operand });
const title = present('displayName');
const noMatch: Predicate = { kind: 'among', field: { kind: 'named', name: 'id', type: 'text' }, values: [] };

describe('a predicate', () => {
  test.each<[string, Predicate, Predicate | undefined]>([
    ['that everyone fulfils is none', present('id'), undefined],
    ['that no one fulfils finds no one', not(present('userName')), noMatch],
    ['that some may not fulfil stays', title, title],
    ['on the kind is decided', compare('kind', 'eq', 'User'), undefined],
    ['on the kind compares with case', compare('kind', 'eq', 'user'), noMatch],
    ['on a part of the kind is decided', compare('kind', 'sw', 'Us'), undefined],
    ['on the order of kinds stays', compare('kind', 'gt', 'A'), compare('kind', 'gt', 'A')],
    [
      'on a location is one on an id',
      compare('location', 'eq', `https://a.example/scim/v2/Users/${ID}`),
      compare('id', 'eq', ID),
    ],
    [
      'on a location elsewhere finds no one',
      compare('location', 'eq', `https://b.example/Users/${ID}`),
      noMatch,
    ],
    [
      'on a location of another spelling finds no one',
      compare('location', 'eq', `https://a.example/scim/v2/Users/${ID.toUpperCase()}`),
      noMatch,
    ],
    ['of which one half is true is the other half', and(present('id'), title), title],
    ['of which one half is false finds no one', and(not(present('id')), title), noMatch],
    ['with an alternative that is true is none', or(present('id'), title), undefined],
    ['with an alternative that is false is the other', or(not(present('id')), title), title],
    ['below not keeps what is open', not(and(present('id'), title)), not(title)],
  ])('%s', (_name, predicate, expected) => {
    expect(simplify(predicate, users)).toEqual(expected);
  });

  test('within a group’s members is not touched: there, a field is another', () => {
    const inside: Predicate = {
      kind: 'some',
      collection: { kind: 'named', name: 'groups' },
      where: present('value'),
    };
    expect(simplify(inside, users)).toEqual(inside);
  });

  test('on displayName is decided for groups, which all have one', () => {
    expect(simplify(title, { ...users, kind: 'Group' })).toBeUndefined();
  });
});

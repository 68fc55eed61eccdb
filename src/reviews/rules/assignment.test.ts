import { expect, test } from '@jest/globals';
import { reviewersOf } from './assignment.ts';

const admin = { id: 'admin', groups: undefined };
const lead = { id: 'lead', groups: new Set(['sales']) };

test.each([
  ['a manager of a group decides about its members', [lead], { userId: 'jane', groups: ['sales'] }, ['lead']],
  ['a manager of another group does not', [lead], { userId: 'jane', groups: ['support'] }, []],
  ['an administrator decides about everybody', [admin], { userId: 'jane', groups: [] }, ['admin']],
  ['nobody decides about themselves', [lead, admin], { userId: 'lead', groups: ['sales'] }, ['admin']],
  ['nobody is named twice', [admin, admin], { userId: 'jane', groups: [] }, ['admin']],
  [
    'keys and accounts are for administrators',
    [lead, admin],
    { userId: 'jane', groups: undefined },
    ['admin'],
  ],
  ['nobody decides about their own key', [admin], { userId: 'admin', groups: undefined }, []],
])('%s', (_name, candidates, subject, expected) => {
  expect(reviewersOf(candidates, subject)).toEqual(expected);
});

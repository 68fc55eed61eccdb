import { expect, test } from '@jest/globals';
import { checksOf } from './rules.ts';

const failed = (progress: Parameters<typeof checksOf>[0]) =>
  checksOf(progress)
    .filter(({ passed }) => !passed)
    .map(({ name }) => name);
const used = [{ lastUsedAt: '2026-11-29T10:00:00.000Z' }];
const ok = { status: 200, method: 'GET', problem: null };

test('checks pass one after the other as the provider is set up', () => {
  expect(failed({ tokens: [], requests: [], hasCreated: false })).toEqual([
    'token',
    'connected',
    'accepted',
    'users',
  ]);
  expect(failed({ tokens: [{ lastUsedAt: null }], requests: [], hasCreated: false })).toEqual([
    'connected',
    'accepted',
    'users',
  ]);
  expect(failed({ tokens: used, requests: [ok], hasCreated: false })).toEqual(['users']);
  expect(failed({ tokens: used, requests: [ok], hasCreated: true })).toEqual([]);
});

test('a request that was refused is named with its reason; one for a user who is not there is usual', () => {
  const refused = { status: 400, method: 'POST', problem: 'userName is required.' };
  const [, , accepted] = checksOf({ tokens: used, requests: [ok, refused], hasCreated: false });
  expect(accepted).toEqual({
    name: 'accepted',
    passed: false,
    sentence: 'A POST was answered with 400: userName is required.',
  });
  expect(failed({ tokens: used, requests: [{ ...ok, status: 404 }], hasCreated: true })).toEqual([]);
});

import { expect, test } from '@jest/globals';
import { type Circumstances, checksOf } from './checks.ts';

const now = new Date('2026-11-29T12:00:00Z');
const good: Circumstances = {
  publicUrl: 'https://rollcall.example',
  tokens: 1,
  tokensEndAt: null,
  perConnection: 200,
  perOrganization: 400,
  throttled: 0,
  isDryRun: false,
};
const check = (differs: Partial<Circumstances>, name: string) =>
  checksOf({ ...good, ...differs }, now).find((each) => each.name === name);

test('a connection with an https address, a token and usual limits passes', () => {
  expect(checksOf(good, now).map(({ name, state }) => [name, state])).toEqual([
    ['address', 'passed'],
    ['token', 'passed'],
    ['rate', 'passed'],
  ]);
});

test.each<[Partial<Circumstances>, string, string, RegExp]>([
  [{ publicUrl: 'http://rollcall.example' }, 'address', 'failed', /not encrypted: set PUBLIC_URL/],
  [{ publicUrl: 'http://127.0.0.1:8080' }, 'address', 'warning', /only this machine/],
  [{ tokens: 0 }, 'token', 'failed', /issue one/],
  [{ tokensEndAt: '2026-11-29T20:00:00Z' }, 'token', 'warning', /in less than a day/],
  [{ tokensEndAt: '2026-12-13T11:59:59Z' }, 'token', 'warning', /in 13 days/],
  [{ tokensEndAt: '2026-12-13T12:00:00Z' }, 'token', 'passed', /another 14 days/],
  [{ perConnection: 24 }, 'rate', 'warning', /24 requests .* RATE_LIMIT_CONNECTION/],
  [{ perConnection: 0, perOrganization: 10 }, 'rate', 'warning', /RATE_LIMIT_ORGANIZATION/],
  [{ perConnection: 25 }, 'rate', 'passed', /^25 requests/],
  [{ perConnection: 0, perOrganization: 0 }, 'rate', 'passed', /not limited/],
  [{ throttled: 3 }, 'rate', 'warning', /^3 requests were rejected/],
  [{ isDryRun: true }, 'mode', 'warning', /dry run/],
])('%j: %s is %s', (differs, name, state, says) => {
  const found = check(differs, name);
  expect(found?.state).toBe(state);
  expect(found?.sentence).toMatch(says);
});

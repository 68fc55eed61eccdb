import { expect, test } from '@jest/globals';
import { detectMassChange } from './mass-change.ts';

const settings = { percent: 20, atLeast: 10, windowMinutes: 60 };

test.each<[string, number, number, boolean]>([
  ['9 of 20 users are fewer than 10', 9, 20, false],
  ['10 of 50 users are 20 %', 10, 50, true],
  ['10 of 51 users are less than 20 %', 10, 51, false],
  ['200 of 1,000 users are 20 %', 200, 1_000, true],
  ['199 of 1,000 users are less', 199, 1_000, false],
  ['12 users of a connection that provisions none any more are all', 12, 0, true],
])('mass change: %s', (_name, removed, provisioned, opens) => {
  const at = '2026-11-29T09:00:00.000Z';
  const found = detectMassChange({ connection: 'c', name: 'Okta', at, removed, provisioned }, settings);
  expect(found !== undefined).toBe(opens);
  if (opens)
    expect(found).toMatchObject({
      severity: 'high',
      connection: 'c',
      detail: { why: expect.stringMatching(/^Okta deactivated or deleted /) },
    });
});

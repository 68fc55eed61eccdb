import { describe, expect, test } from '@jest/globals';
import type { UserId } from '../../directory/ids.ts';
import { checkEvents } from './acceptance.ts';

const NOW = new Date('2026-11-29T12:00:00.000Z');
const user = '019a0f3c-7d2e-7c51-9b1a-3f2a6d0c8e41' as UserId;
const eventAt = (at: string) => ({ id: user, at, type: 'query', userId: user });
const codesOf = (at: string, found: UserId | undefined = user) =>
  checkEvents([eventAt(at)], [found], NOW, 90).rejections.map(({ code }) => code);

describe('the acceptance of activity events', () => {
  test.each([
    ['2026-11-29T12:05:00.000Z', []],
    ['2026-11-29T12:05:00.001Z', ['in_the_future']],
    ['2026-08-31T12:00:00.000Z', []],
    ['2026-08-31T11:59:59.999Z', ['too_old']],
  ])('judges the time %s: %j', (at, codes) => {
    expect(codesOf(at)).toEqual(codes);
  });

  test('rejects an unknown user by the field that names them, with the place in the batch', () => {
    const byEmail = { id: user, at: NOW.toISOString(), type: 'query', email: 'nobody@example.com' };
    const { good, rejections } = checkEvents(
      [eventAt(NOW.toISOString()), byEmail],
      [user, undefined],
      NOW,
      90,
    );
    expect(good).toEqual([eventAt(NOW.toISOString())]);
    expect(rejections).toMatchObject([{ index: 1, field: 'email', code: 'unknown_user' }]);
  });
});

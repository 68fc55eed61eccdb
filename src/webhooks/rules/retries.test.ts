import { describe, expect, test } from '@jest/globals';
import { nextAttempt } from './retries.ts';

const now = new Date('2026-11-24T12:00:00Z');
const secondsUntil = (attempts: number, random: number, retryAfter?: string) => {
  const next = nextAttempt(attempts, now, random, retryAfter);
  return next === undefined ? undefined : (next.getTime() - now.getTime()) / 1_000;
};

describe('nextAttempt', () => {
  test('follows the schedule of Standard Webhooks: ten attempts in three days, then none', () => {
    const delays = Array.from({ length: 10 }, (_, index) => secondsUntil(index + 1, 0));
    expect(delays).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, undefined]);
  });

  test('comes up to a fifth later, never earlier', () => {
    expect(secondsUntil(2, 1)).toBe(360);
    expect(secondsUntil(2, 0.5)).toBe(330);
  });

  test('waits as long as the receiver asks for, in seconds or until a date', () => {
    expect(secondsUntil(1, 0, '120')).toBe(120);
    expect(secondsUntil(1, 0, 'Tue, 24 Nov 2026 12:10:00 GMT')).toBe(600);
  });

  test('never retries earlier than planned, even if the receiver asks for it', () => {
    expect(secondsUntil(2, 0, '1')).toBe(300);
    expect(secondsUntil(2, 0, 'Tue, 24 Nov 2026 11:00:00 GMT')).toBe(300);
  });

  test('waits for a day at most', () => {
    expect(secondsUntil(1, 0, '999999999')).toBe(86_400);
    expect(secondsUntil(1, 0, 'Fri, 01 Jan 2100 00:00:00 GMT')).toBe(86_400);
  });

  test.each(['soon', '-5', '1.5', '12 apples', ''])('takes %p for nothing', (text) => {
    expect(secondsUntil(1, 0, text)).toBe(5);
  });

  test('gives no eleventh attempt, whatever the receiver asks for', () => {
    expect(secondsUntil(10, 0, '60')).toBeUndefined();
    expect(secondsUntil(11, 0)).toBeUndefined();
  });
});

import { describe, expect, test } from '@jest/globals';
import { detectSpraying, type Failure } from './password-spraying.ts';

const tries = (users: number, each: number, ip: string | null = '203.0.113.9'): Failure[] =>
  Array.from({ length: users * each }, (_, index) => ({
    user: `u${index % users}`,
    ip,
    at: `2026-11-29T09:00:${String(index % 60).padStart(2, '0')}.000Z`,
  }));

describe('passwords tried on many accounts', () => {
  test.each<[string, Failure[], number]>([
    ['ten failures of five users from one address', tries(5, 2), 1],
    ['ten failures of four users', tries(4, 3), 0],
    ['nine failures of nine users', tries(9, 1), 0],
    ['from two addresses, each below the limit', [...tries(5, 1), ...tries(5, 1, '203.0.113.10')], 0],
    ['without an address', tries(9, 2, null), 0],
  ])('%s', (_name, failures, alerts) => {
    expect(detectSpraying(failures, { failures: 10, users: 5 }, 15, () => undefined)).toHaveLength(alerts);
  });
});

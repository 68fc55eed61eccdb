import { expect, test } from '@jest/globals';
import { burstOf, createRateLimiter, createRequestLimits, TooManyRequests } from './rate-limit.ts';

/** How many of a number of requests are accepted. */
async function taken(count: () => void | Promise<void>, requests: number): Promise<number> {
  const outcomes = await Promise.allSettled(Array.from({ length: requests }, async () => count()));
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(TooManyRequests);
  }
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
}

test('Accepts a burst, then the rate, and returns in whole seconds when the next is accepted', async () => {
  let time = 0;
  const limiter = createRateLimiter({ perSecond: 0.5, burst: 3 }, () => time);
  expect(await taken(() => limiter.count('a'), 10)).toBe(3);
  expect(() => limiter.count('a')).toThrow(expect.objectContaining({ retryAfter: 2 }));
  time = 1_900;
  expect(() => limiter.count('a')).toThrow(expect.objectContaining({ retryAfter: 1 }));
  time = 2_000;
  expect(await taken(() => limiter.count('a'), 10)).toBe(1);
  time = 60_000;
  expect(await taken(() => limiter.count('a'), 10)).toBe(3);
});

test('Counts each key by itself', async () => {
  const limiter = createRateLimiter({ perSecond: 1, burst: 2 }, () => 0);
  expect(await taken(() => limiter.count('a'), 5)).toBe(2);
  expect(await taken(() => limiter.count('b'), 5)).toBe(2);
});

test('Takes everything without a limit', async () => {
  const limits = createRequestLimits({ perOrganization: 0, perConnection: 0, invalidPerAddress: 0 });
  expect(await taken(() => limits.count('org', 'connection'), 5_000)).toBe(5_000);
});

test('Counts a request against its connection and its organization', async () => {
  const limits = createRequestLimits({ perOrganization: 4, perConnection: 2, invalidPerAddress: 0 }, () => 0);
  expect(await taken(() => limits.count('org', 'one'), 100)).toBe(10);
  expect(await taken(() => limits.count('org', 'two'), 100)).toBe(10);
  expect(await taken(() => limits.count('org', 'three'), 100)).toBe(0);
  expect(await taken(() => limits.count('other', 'four'), 100)).toBe(10);
});

test('Forgets the oldest keys, so that a client with many addresses cannot fill the memory', () => {
  const limiter = createRateLimiter({ perSecond: 1, burst: 1 }, () => 0);
  limiter.count('first');
  expect(() => limiter.count('first')).toThrow(TooManyRequests);
  for (let n = 0; n < 10_000; n += 1) limiter.count(`address-${n}`);
  limiter.count('first');
  expect(() => limiter.count('address-9999')).toThrow(TooManyRequests);
});

test('Holds a refusal back for a second', async () => {
  const limits = createRequestLimits({ perOrganization: 1, perConnection: 1, invalidPerAddress: 0 });
  await taken(() => limits.count('org'), 5);
  const start = performance.now();
  await expect(limits.count('org')).rejects.toBeInstanceOf(TooManyRequests);
  expect(performance.now() - start).toBeGreaterThan(950);
});

test('Counts several requests that come in one, all of them or none', async () => {
  let time = 0;
  const limits = createRequestLimits(
    { perOrganization: 4, perConnection: 3, invalidPerAddress: 0 },
    () => time,
  );
  await limits.count('org', 'one', 10);
  await expect(limits.count('org', 'one', 6)).rejects.toThrow(expect.objectContaining({ retryAfter: 1 }));
  await limits.count('org', 'one', 5);
  // The organization has 5 left: what its limit refuses is not counted against the connection either.
  await expect(limits.count('org', 'two', 6)).rejects.toBeInstanceOf(TooManyRequests);
  time = 10_000;
  await limits.count('org', 'two', 15);
  expect(burstOf({ perOrganization: 4, perConnection: 3 })).toBe(15);
  expect(burstOf({ perOrganization: 4, perConnection: 0 })).toBe(20);
  expect(burstOf({ perOrganization: 0, perConnection: 0 })).toBe(Number.POSITIVE_INFINITY);
});

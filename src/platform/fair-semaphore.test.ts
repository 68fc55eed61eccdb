import { expect, test } from '@jest/globals';
import { createFairSemaphore, WaitedTooLong } from './fair-semaphore.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('A key gets no more places than its own limit, though others are free', async () => {
  const semaphore = createFairSemaphore({ places: 4, perKey: 2, waitMs: 1_000 });
  const admitted: string[] = [];
  for (const name of ['a1', 'a2', 'a3'])
    void semaphore.acquire('a').then(
      () => admitted.push(name),
      () => {},
    );
  await settled();
  expect(admitted).toEqual(['a1', 'a2']);
  expect(semaphore.tryAcquire('a')).toBe(false);
  expect(semaphore.tryAcquire('b')).toBe(true);
  semaphore.release('a');
  await settled();
  expect(admitted).toEqual(['a1', 'a2', 'a3']);
});

test('A key at its limit gets no place that another key gives back', async () => {
  const semaphore = createFairSemaphore({ places: 3, perKey: 2, waitMs: 1_000 });
  const admitted: string[] = [];
  for (const name of ['a1', 'a2', 'a3'])
    void semaphore.acquire('a').then(
      () => admitted.push(name),
      () => {},
    );
  await semaphore.acquire('b');
  semaphore.release('b');
  await settled();
  expect([admitted, semaphore.held, semaphore.waiting]).toEqual([['a1', 'a2'], 2, 1]);
});

test('Of keys with the same number of places, the one that has waited longest gets the place', async () => {
  const semaphore = createFairSemaphore({ places: 3, perKey: 2, waitMs: 1_000 });
  for (const key of ['x', 'y', 'z']) await semaphore.acquire(key);
  const admitted: string[] = [];
  for (const key of ['x', 'y'])
    void semaphore.acquire(key).then(
      () => admitted.push(key),
      () => {},
    );
  semaphore.release('z');
  await settled();
  expect(admitted).toEqual(['x']);
});

test('A free place goes to the key that holds the fewest, however many others came before', async () => {
  const semaphore = createFairSemaphore({ places: 3, perKey: 3, waitMs: 1_000 });
  const admitted: string[] = [];
  for (let n = 0; n < 40; n += 1)
    void semaphore.acquire('busy').then(
      () => admitted.push('busy'),
      () => {},
    );
  void semaphore.acquire('late').then(
    () => admitted.push('late'),
    () => {},
  );
  await settled();
  expect(admitted).toEqual(['busy', 'busy', 'busy']);
  semaphore.release('busy');
  await settled();
  expect(admitted.at(-1)).toBe('late');
});

test('Keys that hold as many take turns', async () => {
  const semaphore = createFairSemaphore({ places: 1, perKey: 1, waitMs: 1_000 });
  await semaphore.acquire('x');
  const admitted: string[] = [];
  for (const key of ['a', 'a', 'a', 'b', 'b', 'c']) {
    void semaphore.acquire(key).then(
      () => admitted.push(key),
      () => {},
    );
  }
  let holder = 'x';
  for (let n = 0; n < 6; n += 1) {
    semaphore.release(holder);
    await settled();
    holder = admitted.at(-1) as string;
  }
  expect(admitted).toEqual(['a', 'b', 'c', 'a', 'b', 'a']);
});

test('An acquisition that waits too long is rejected, and its place goes to the next', async () => {
  const semaphore = createFairSemaphore({ places: 1, perKey: 1, waitMs: 20 });
  await semaphore.acquire('a');
  await expect(semaphore.acquire('b')).rejects.toBeInstanceOf(WaitedTooLong);
  expect(semaphore.waiting).toBe(0);
  const next = semaphore.acquire('c');
  semaphore.release('a');
  await next;
  expect(semaphore.held).toBe(1);
  semaphore.release('c');
  expect(semaphore.held).toBe(0);
});

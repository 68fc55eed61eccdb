import { expect, test } from '@jest/globals';
import { createByteCollector } from './byte-collector.ts';

test('Collects pieces of any size in their order', () => {
  const collector = createByteCollector(100_000);
  const pieces = Array.from({ length: 300 }, (_, n) => Buffer.alloc(n, n % 256));
  for (const piece of pieces) expect(collector.add(piece)).toBe(true);
  expect(collector.take().equals(Buffer.concat(pieces))).toBe(true);
});

test('Takes exactly the limit and not a byte more', () => {
  const collector = createByteCollector(5);
  expect(collector.add(Buffer.from('1234'))).toBe(true);
  expect(collector.add(Buffer.from('56'))).toBe(false);
  expect(collector.add(Buffer.from('5'))).toBe(true);
  expect(collector.add(Buffer.from('6'))).toBe(false);
  expect(collector.take().toString()).toBe('12345');
});

test('Holds a few times the bytes of a body that comes in pieces of one byte, not hundreds of times', () => {
  const size = 200_000;
  const before = process.memoryUsage();
  const collector = createByteCollector(size);
  const source = Buffer.alloc(65_536);
  for (let n = 0; n < size; n += 1) collector.add(source.subarray(n % 65_000, (n % 65_000) + 1));
  const after = process.memoryUsage();
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(4 * size + 100_000);
  expect(collector.size).toBe(size);
});

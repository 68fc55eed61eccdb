import { describe, expect, test } from '@jest/globals';
import { createKeyedSemaphore } from './semaphore.ts';

const [acme, other] = ['acme', 'other'] as [string, string];

/** Work that ends when it is notified to. */
function jobs() {
  const began: string[] = [];
  const ends = new Map<string, () => void>();
  const job = (name: string) => () => {
    began.push(name);
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const end = async (name: string) => {
    ends.get(name)?.();
    await settled();
  };
  return { began, job, end, settled };
}

describe('the commands of an organization', () => {
  test('run two at a time and in their order; another organization’s do not wait for them', async () => {
    const { began, job, end, settled } = jobs();
    const queue = createKeyedSemaphore(2);
    const results = ['a', 'b', 'c', 'd'].map((name) => queue(acme, job(name)));
    results.push(queue(other, job('x')));
    await settled();
    expect(began).toEqual(['a', 'b', 'x']);
    await end('b');
    expect(began).toEqual(['a', 'b', 'x', 'c']);
    await end('a');
    for (const name of ['c', 'd', 'x']) await end(name);
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd', 'x']);
  });

  test('that fail release their place, too, and reject with their error', async () => {
    const queue = createKeyedSemaphore(1);
    const failed = queue(acme, () => Promise.reject(new Error('no')));
    const next = queue(acme, async () => 'yes');
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  test('that are requested when the queue is empty begin immediately', async () => {
    const queue = createKeyedSemaphore(1);
    for (const name of ['a', 'b', 'c']) expect(await queue(acme, async () => name)).toBe(name);
  });
});

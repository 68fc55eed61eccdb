import { describe, expect, test } from '@jest/globals';
import { createWriteQueue } from './write-queue.ts';

describe('rounds of writers of one resource', () => {
  test('begin again after lost ones, and return what the round yields that is not lost', async () => {
    const results = [undefined, undefined, undefined, undefined, 'written'];
    expect(await createWriteQueue()('user', async () => results.shift())).toBe('written');
  });

  test('end with an error that says when to retry if all rounds are lost', async () => {
    const error = await createWriteQueue()('user', async () => undefined).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'contended', kind: 'busy', retryAfter: 2 });
  });

  test('run one writer at a time once it has lost three, those of another resource beside it', async () => {
    const inQueue = createWriteQueue();
    const working = new Map<string, number>();
    const most = new Map<string, number>();
    const writer = (resource: string) => {
      let round = 0;
      return inQueue(resource, async () => {
        round += 1;
        if (round <= 3) return undefined;
        working.set(resource, (working.get(resource) ?? 0) + 1);
        most.set(resource, Math.max(most.get(resource) ?? 0, working.get(resource) ?? 0));
        await new Promise((resolve) => setTimeout(resolve, 1));
        working.set(resource, (working.get(resource) ?? 0) - 1);
        return true;
      });
    };
    await Promise.all([...Array(20).fill('a'), ...Array(20).fill('b')].map(writer));
    expect([...most]).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
  });
});

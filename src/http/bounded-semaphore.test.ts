import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { createBoundedSemaphore, TooBusy } from './bounded-semaphore.ts';

/** As much of a response as a turn looks at. */
function answer(): ServerResponse & { end(): void } {
  const response = Object.assign(new EventEmitter(), { closed: false });
  const end = () => {
    response.closed = true;
    response.emit('close');
  };
  return Object.assign(response, { end }) as unknown as ServerResponse & { end(): void };
}

const turnsOf = (atOnce: number, waiting: number) =>
  createBoundedSemaphore({ atOnce, perOrganization: atOnce, waiting, waitMs: 10_000 });
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  test('are admitted in the order of their requests, up to the limit', async () => {
    const turns = turnsOf(2, 10);
    const began: number[] = [];
    const responses = Array.from({ length: 5 }, answer);
    for (const [n, response] of responses.entries())
      void turns.take('org', response).then(
        () => began.push(n),
        () => {},
      );
    await settled();
    expect(began).toEqual([0, 1]);
    responses[1]?.end();
    await settled();
    expect(began).toEqual([0, 1, 2]);
    responses[0]?.end();
    responses[2]?.end();
    await settled();
    expect(began).toEqual([0, 1, 2, 3, 4]);
  });

  test('are rejected if too many wait, and admitted again once one is done', async () => {
    const turns = turnsOf(1, 1);
    const [first, second] = [answer(), answer()];
    await turns.take('org', first);
    const waiting = turns.take('org', second);
    await expect(turns.take('org', answer())).rejects.toBeInstanceOf(TooBusy);
    first.end();
    await waiting;
    second.end();
    await turns.take('org', answer());
  });

  test('of a client that went away while it waited go to the next one', async () => {
    const turns = turnsOf(1, 2);
    const [first, gone, last] = [answer(), answer(), answer()];
    await turns.take('org', first);
    const [missed, taken] = [turns.take('org', gone), turns.take('org', last)];
    gone.end();
    first.end();
    await missed;
    await taken;
  });

  test('that come meanwhile do not overtake who waits', async () => {
    const turns = turnsOf(1, 5);
    const began: string[] = [];
    const [first, waits, comes] = [answer(), answer(), answer()];
    await turns.take('org', first);
    void turns.take('org', waits).then(
      () => began.push('waits'),
      () => {},
    );
    first.end();
    void turns.take('org', comes).then(
      () => began.push('comes'),
      () => {},
    );
    await settled();
    expect(began).toEqual(['waits']);
    waits.end();
    await settled();
    expect(began).toEqual(['waits', 'comes']);
  });

  test('that wait too long are rejected', async () => {
    const turns = createBoundedSemaphore({ atOnce: 1, perOrganization: 1, waiting: 5, waitMs: 20 });
    await turns.take('org', answer());
    await expect(turns.take('org', answer())).rejects.toBeInstanceOf(TooBusy);
  });

  test('of one organization leave a place for another', async () => {
    const turns = createBoundedSemaphore({ atOnce: 2, perOrganization: 1, waiting: 5, waitMs: 10_000 });
    const began: string[] = [];
    for (const org of ['a', 'a', 'b'])
      void turns.take(org, answer()).then(
        () => began.push(org),
        () => {},
      );
    await settled();
    expect(began).toEqual(['a', 'b']);
  });
});

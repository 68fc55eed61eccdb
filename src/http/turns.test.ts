import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { createTurns, TooBusy } from './turns.ts';

/** As much of a response as a turn looks at. */
function answer(): ServerResponse & { end(): void } {
  const response = Object.assign(new EventEmitter(), { closed: false });
  const end = () => {
    response.closed = true;
    response.emit('close');
  };
  return Object.assign(response, { end }) as unknown as ServerResponse & { end(): void };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  test('are taken in the order in which they were asked for, so many at a time', async () => {
    const turns = createTurns(2, 10);
    const began: number[] = [];
    const responses = Array.from({ length: 5 }, answer);
    for (const [n, response] of responses.entries()) void turns.take(response).then(() => began.push(n));
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

  test('are refused where too many wait, and taken again once somebody is done', async () => {
    const turns = createTurns(1, 1);
    const [first, second] = [answer(), answer()];
    await turns.take(first);
    const waiting = turns.take(second);
    await expect(turns.take(answer())).rejects.toBeInstanceOf(TooBusy);
    first.end();
    await waiting;
    second.end();
    await turns.take(answer());
  });

  test('of a client that went away while it waited go to the next one', async () => {
    const turns = createTurns(1, 2);
    const [first, gone, last] = [answer(), answer(), answer()];
    await turns.take(first);
    const [missed, taken] = [turns.take(gone), turns.take(last)];
    gone.end();
    first.end();
    await missed;
    await taken;
  });

  test('that come meanwhile do not overtake who waits', async () => {
    const turns = createTurns(1, 5);
    const began: string[] = [];
    const [first, waits, comes] = [answer(), answer(), answer()];
    await turns.take(first);
    void turns.take(waits).then(() => began.push('waits'));
    first.end();
    void turns.take(comes).then(() => began.push('comes'));
    await settled();
    expect(began).toEqual(['waits']);
  });
});

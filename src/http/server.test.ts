import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { listen } from './server.ts';

test('a server that closes cuts a request that does not end within its grace', async () => {
  let requestReceived: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    requestReceived = resolve;
  });
  const server = await listen({ host: '127.0.0.1', port: 0 }, () => () => requestReceived());
  const answer = fetch(`http://127.0.0.1:${server.port}/`).then(
    () => 'answered',
    () => 'cut',
  );
  await begun;
  const began = performance.now();
  await server.close({ lingerMs: 0, graceMs: 300 });
  expect(performance.now() - began).toBeLessThan(3_000);
  expect(await answer).toBe('cut');
});

/** Sends two pipelined requests on one connection to a server whose answers the test gives. */
async function pipeline(): Promise<{ answers: ServerResponse[]; client: Socket; close(): Promise<void> }> {
  const answers: ServerResponse[] = [];
  const server = await listen({ host: '127.0.0.1', port: 0 }, () => (_request, response) => {
    answers.push(response);
  });
  const client = connect(server.port, '127.0.0.1');
  await once(client, 'connect');
  client.pause();
  client.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
  return {
    answers,
    client,
    close: () => {
      client.destroy();
      return server.close({ lingerMs: 0, graceMs: 1_000 });
    },
  };
}

const until = async (isDone: () => boolean): Promise<void> => {
  while (!isDone()) await delay(5);
};

test('a second request of a connection begins when the first is answered', async () => {
  const { answers, client, close } = await pipeline();
  client.resume();
  await until(() => answers.length > 0);
  await delay(200);
  expect(answers).toHaveLength(1);
  answers[0]?.end('1');
  await until(() => answers.length === 2);
  answers[1]?.end('2');
  await close();
});

test('a second request of a connection waits until the answer of the first is read', async () => {
  const { answers, client, close } = await pipeline();
  await until(() => answers.length > 0);
  answers[0]?.end('x'.repeat(16 * 1024 * 1024));
  await delay(200);
  expect(answers).toHaveLength(1);
  client.resume();
  await until(() => answers.length === 2);
  answers[1]?.end('2');
  await close();
});

test('a second request of a connection that is gone does not begin', async () => {
  const { answers, client, close } = await pipeline();
  await until(() => answers.length > 0);
  const ended = once(answers[0] as ServerResponse, 'close');
  client.destroy();
  await ended;
  await delay(50);
  expect(answers).toHaveLength(1);
  await close();
});

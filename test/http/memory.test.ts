import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ServerUnderTest, startServerUnderTest } from '../support/server-under-test.ts';

/** A server process of its own, so that its memory is nothing but its own. */
const CONNECTIONS = 200;
const MAX_MEBIBYTES = 400;

let server: ServerUnderTest;

beforeAll(async () => {
  server = await startServerUnderTest();
}, 90_000);
afterAll(() => server?.stop());

async function residentMebibytes(): Promise<number> {
  const metrics = await (await fetch(`${server.base}/metrics`)).text();
  const bytes = Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1]);
  expect(bytes).toBeGreaterThan(0);
  return bytes / 1024 / 1024;
}

/** Opens connections, all of them before any sends a body, so that their bodies are read at the same time. */
async function open(): Promise<Socket[]> {
  return Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.resume();
      await once(socket, 'connect');
      return socket;
    }),
  );
}

const send = (socket: Socket, text: string): Promise<void> =>
  new Promise((resolve) => {
    if (socket.destroyed || !socket.writable) resolve();
    else socket.write(text, () => resolve());
  });

/** The routes that read a body of whoever sends one, and some that must not. */
const ROUTES = [
  ['POST', '/api/v1/auth/login', 'application/json'],
  ['POST', '/api/v1/auth/forgot-password', 'application/json'],
  ['POST', '/sign-in', 'application/x-www-form-urlencoded'],
  ['POST', '/forgot-password', 'application/x-www-form-urlencoded'],
  ['POST', `/sso/saml/${'0'.repeat(8)}-0000-7000-8000-000000000000/acs`, 'application/x-www-form-urlencoded'],
  ['POST', '/scim/v2/Users', 'application/scim+json'],
  ['PATCH', '/scim/v2/Groups/x', 'application/scim+json'],
  ['POST', '/api/v1/imports', 'text/csv'],
  ['POST', '/nowhere', 'application/json'],
] as const;

test('200 connections without credentials that send a byte at a time hold less than 400 MiB', async () => {
  const sockets = await open();
  let peak = 0;
  const chunks = '1\r\nx\r\n'.repeat(1_000);
  const sending = sockets.map(async (socket, n) => {
    const [method, path, type] = ROUTES[n % ROUTES.length] as (typeof ROUTES)[number];
    await send(
      socket,
      `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    for (let sent = 0; sent < 20; sent += 1) await send(socket, chunks);
  });
  let done = false;
  const all = Promise.all(sending).then(() => {
    done = true;
  });
  while (!done) {
    peak = Math.max(peak, await residentMebibytes());
    await delay(200);
  }
  await all;
  peak = Math.max(peak, await residentMebibytes());
  for (const socket of sockets) socket.destroy();
  expect(peak).toBeLessThan(MAX_MEBIBYTES);
});

test('200 connections that announce the largest body, or send the largest headers, and stop there', async () => {
  const sockets = await open();
  await Promise.all(
    sockets.map((socket, n) => {
      const [method, path, type] = ROUTES[n % ROUTES.length] as (typeof ROUTES)[number];
      const padding = Array.from({ length: 600 }, (_, at) => `X-${at}: ${'y'.repeat(80)}\r\n`).join('');
      return send(
        socket,
        n % 2 === 0
          ? `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 16000\r\n\r\n`
          : `${method} ${path} HTTP/1.1\r\nHost: x\r\n${padding}`,
      );
    }),
  );
  await delay(500);
  const held = await residentMebibytes();
  for (const socket of sockets) socket.destroy();
  expect(held).toBeLessThan(MAX_MEBIBYTES);
});

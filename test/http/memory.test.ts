import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ServerUnderTest, startServerUnderTest } from '../support/server-under-test.ts';

/** A server process of its own, so that its memory is nothing but its own. */
const CONNECTIONS = 200;
const MAX_MEBIBYTES = 400;
/** One body of 8 MB and the garbage of the one before it: 310 with Node.js 20 and the heap below. */
const MAX_WITH_LARGE_BODIES = 420;

let server: ServerUnderTest;

beforeAll(async () => {
  server = await startServerUnderTest({
    RATE_LIMIT_ORGANIZATION: '0',
    RATE_LIMIT_CONNECTION: '0',
    // V8 lets garbage lie as long as there is room; with this little room only what is really held counts.
    NODE_OPTIONS: '--max-old-space-size=192',
  });
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

/** The routes that read a body of unauthenticated clients, and some that must not. */
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

test('200 connections without credentials that send a byte at a time take less than 400 MiB', async () => {
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

const scimHead = (method: string, path: string) =>
  `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/scim+json\r\n`;

/** Sends one body many times at once. @returns the statuses of the answers, and the most memory meanwhile */
async function sendAtOnce(path: string, body: string, times: number) {
  expect(body.length).toBeGreaterThan(7_000_000);
  let peak = 0;
  let waiting = times;
  const statuses: string[] = [];
  for (let n = 0; n < times; n += 1) {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
      socket.end();
    });
    socket.once('close', () => {
      statuses.push(answer.slice(9, 12));
      waiting -= 1;
    });
    socket.write(`${scimHead('POST', path)}Content-Length: ${body.length}\r\n\r\n`);
    socket.write(body);
  }
  while (waiting > 0) {
    peak = Math.max(peak, await residentMebibytes());
    await delay(200);
  }
  return { statuses, peak };
}

const largeGroup = (members: number, first = 0) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
  displayName: 'Large',
  members: Array.from({ length: members }, (_, n) => ({
    value: `019a0000-0000-7000-8000-${(first + n).toString(16).padStart(12, '0')}`,
  })),
});

test('10 concurrent bodies of 8 MB of one connection use less than 420 MiB, and all are answered', async () => {
  const { statuses, peak } = await sendAtOnce('/scim/v2/Groups', JSON.stringify(largeGroup(160_000)), 10);
  // Unknown members are 400; who waited too long is 503.
  expect(statuses.filter((status) => status !== '400' && status !== '503')).toEqual([]);
  expect(statuses).toContain('400');
  expect(peak).toBeLessThan(MAX_WITH_LARGE_BODIES);
}, 120_000);

test('3 concurrent Bulks of 8 MB use no more than single bodies of that size', async () => {
  const operations = Array.from({ length: 100 }, (_, n) => ({
    method: 'POST',
    path: '/Groups',
    bulkId: `group-${n}`,
    data: largeGroup(1_600, n * 1_600),
  }));
  const { statuses, peak } = await sendAtOnce('/scim/v2/Bulk', JSON.stringify({ Operations: operations }), 3);
  expect(statuses.filter((status) => status !== '200' && status !== '503')).toEqual([]);
  expect(statuses).toContain('200');
  expect(peak).toBeLessThan(MAX_WITH_LARGE_BODIES);
}, 120_000);

test('300 clients that request five lists each and read none of them use less than 400 MiB', async () => {
  const create = (n: number) =>
    fetch(`${server.base}/scim/v2/Users`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${server.token}`, 'Content-Type': 'application/scim+json' },
      body: JSON.stringify({
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName: `slow-${n}@example.com`,
        title: 'x'.repeat(1_000),
      }),
    });
  for (let n = 0; n < 100; n += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, at) => create(n + at)));
  }
  const sockets = await Promise.all(
    Array.from({ length: 300 }, async () => {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.pause();
      return socket;
    }),
  );
  for (const socket of sockets)
    await send(socket, `${scimHead('GET', '/scim/v2/Users?count=100')}\r\n`.repeat(5));
  let peak = 0;
  for (let n = 0; n < 20; n += 1) {
    await delay(250);
    peak = Math.max(peak, await residentMebibytes());
  }
  for (const socket of sockets) socket.destroy();
  expect(peak).toBeLessThan(MAX_MEBIBYTES);
}, 120_000);

import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startServerUnderTest } from '../support/server-under-test.ts';

interface Outcome {
  readonly status?: number;
  readonly error?: string;
}

/** One lookup, as a proxy sends it. */
function ask(base: string, token: string, agent: Agent): Promise<Outcome> {
  return new Promise((resolve) => {
    const sent = request(
      `${base}/scim/v2/Users?filter=${encodeURIComponent('userName eq "a@b.example"')}`,
      { agent, headers: { Authorization: `Bearer ${token}` } },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0 }));
        answer.on('error', () => resolve({ error: 'cut' }));
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ error: error.code ?? error.message });
    });
    sent.end();
  });
}

test('SIGTERM under load fails no request that is tried again on a fresh connection, and ends within 5 seconds', async () => {
  const server = await startServerUnderTest({ RATE_LIMIT_ORGANIZATION: '0', RATE_LIMIT_CONNECTION: '0' });
  try {
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    const fresh = new Agent({ keepAlive: false });
    const outcomes: Outcome[] = [];
    let gone = false;
    const load = Array.from({ length: 16 }, async () => {
      while (!gone) {
        let outcome = await ask(server.base, server.token, agent);
        // As proxies do: a connection may be closed at the very moment at which it is used. What was cut in the middle
        // of its answer is not tried again.
        for (let left = 2; left > 0 && outcome.error === 'ECONNRESET'; left -= 1) {
          outcome = await ask(server.base, server.token, fresh);
        }
        if (outcome.error === 'ECONNREFUSED') gone = true;
        else outcomes.push(outcome);
      }
    });
    await delay(1_000);
    const before = outcomes.length;
    const start = performance.now();
    process.kill(server.process.pid, 'SIGTERM');
    // Asked at once and again: the server goes on accepting connections for a while only.
    let ready = await fetch(`${server.base}/readyz`);
    while (ready.status === 200) ready = await fetch(`${server.base}/readyz`);
    expect([ready.status, ready.headers.get('connection'), await ready.text()]).toEqual([
      503,
      'close',
      expect.stringContaining('stopping'),
    ]);
    expect(await server.process.exited).toBe(0);
    expect(performance.now() - start).toBeLessThan(5_000);
    gone = true;
    await Promise.all(load);
    expect(before).toBeGreaterThan(50);
    // Served on until the last moment, and nothing was lost on the way.
    expect(outcomes.length).toBeGreaterThan(before + 50);
    expect(outcomes.filter(({ status }) => status !== 200)).toEqual([]);
  } finally {
    await server.stop();
  }
}, 90_000);

test('A request that never ends is cut, so that SIGTERM ends the process within 5 seconds', async () => {
  const server = await startServerUnderTest();
  try {
    const stuck = request(`${server.base}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Length': '100' },
    });
    stuck.on('error', () => {});
    stuck.write('{');
    await delay(200);
    const start = performance.now();
    process.kill(server.process.pid, 'SIGTERM');
    expect(await server.process.exited).toBe(0);
    expect(performance.now() - start).toBeLessThan(5_000);
  } finally {
    await server.stop();
  }
}, 90_000);

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../support/free-port.ts';
import { type ServerUnderTest, startServerUnderTest } from '../support/server-under-test.ts';

let server: ServerUnderTest;
let metricsPort: number;

beforeAll(async () => {
  metricsPort = await freePort();
  server = await startServerUnderTest({ WEB_CONCURRENCY: '2', METRICS_PORT: String(metricsPort) });
}, 90_000);
afterAll(() => server?.stop());

test('METRICS_PORT has the metrics of all processes together, and the serving port has none', async () => {
  const requests = 40;
  for (let n = 0; n < requests; n += 1) {
    // A connection each: the processes take connections in turns.
    const answer = await fetch(`${server.base}/scim/v2/Users`, {
      headers: { Authorization: `Bearer ${server.token}`, Connection: 'close' },
    });
    expect(answer.status).toBe(200);
    await answer.text();
  }
  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  expect(metrics).toContain(
    `rollcall_http_request_seconds_count{method="GET",route="/scim/v2/users",status="200"} ${requests}`,
  );
  expect(metrics).toMatch(/rollcall_info\{[^}]+\} 1/);
  expect((await fetch(`${server.base}/metrics`)).status).toBe(404);
  expect((await fetch(`http://127.0.0.1:${metricsPort}/`)).status).toBe(404);
});

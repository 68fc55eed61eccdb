import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let rollcall: TestRollcall;
let owner: TestUser;
let stranger: TestUser;
let receiver: Server;
let url: string;
let received: Received[] = [];
let answer: { status: number; headers?: Record<string, string> } = { status: 204 };
let clock = Date.now();

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(clock), allowPrivateWebhooks: true });
  owner = await signInAsOwner(rollcall, await rollcall.organization());
  stranger = await signInAsOwner(rollcall, await rollcall.organization());
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(answer.status, answer.headers).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(receiver.address() as { port: number }).port}/hook`;
});
afterAll(async () => {
  await rollcall.close();
  receiver.close();
});

beforeEach(() => {
  received = [];
  answer = { status: 204 };
});
afterEach(async () => {
  for (const { id } of (await owner.get('/webhooks')).body.data) await owner.delete(`/webhooks/${id}`);
});

const deliver = async (seconds = 1) => {
  clock += seconds * 1_000;
  await rollcall.rollcall.deliverWebhooks();
};
const add = async (events: string[] = ['group.created']) =>
  (await owner.post('/webhooks', { url, events })).body as { webhook: { id: string }; secret: string };
const log = async (id: string) => (await owner.get(`/webhooks/${id}/deliveries`)).body.data;
let groups = 0;
const happen = () => owner.post('/groups', { name: `Webhook group ${++groups}` });

/** As a receiver would, by the text of Standard Webhooks 1.0. */
function verifies({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = createHmac('sha256', key).update(signed).digest('base64');
  return String(headers['webhook-signature']).split(' ').includes(`v1,${expected}`);
}

describe('a webhook', () => {
  test('gets what it asked for, thin and signed, once, and nothing of another organization', async () => {
    const { secret, webhook } = await add();
    clock += 1_000;
    const { id } = (await happen()).body;
    await stranger.post('/groups', { name: 'Of others' });
    await owner.post('/resources', { type: 'agent', name: 'Not asked for' });
    await deliver();
    await deliver();
    expect(received).toHaveLength(1);
    const [first] = received as [Received];
    expect(verifies(first, secret)).toBe(true);
    expect(JSON.parse(first.body)).toMatchObject({
      type: 'group.created',
      data: { target: { type: 'group', id } },
    });
    expect(await log(webhook.id)).toMatchObject([{ state: 'delivered', attempts: 1, lastStatus: 204 }]);
  });

  test('hears of permissions that change, whatever changed them', async () => {
    await add(['permissions.changed']);
    clock += 1_000;
    const { id } = (await happen()).body;
    await owner.post(`/groups/${id}/members`, { userIds: [owner.id] });
    await deliver();
    expect(received.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: 'permissions.changed', data: { memberId: owner.id } },
    ]);
  });

  test('is tried again on the schedule until it answers', async () => {
    const { webhook } = await add();
    clock += 1_000;
    await happen();
    answer = { status: 500 };
    await deliver();
    await deliver(1);
    expect(received).toHaveLength(1);
    await deliver(10);
    expect(received).toHaveLength(2);
    answer = { status: 200 };
    await deliver(10 * 60);
    expect(received).toHaveLength(3);
    expect(await log(webhook.id)).toMatchObject([{ state: 'delivered', attempts: 3 }]);
  });

  test('follows no redirect, waits as Retry-After says, and ends with 410', async () => {
    const { webhook } = await add();
    clock += 1_000;
    await happen();
    answer = { status: 302, headers: { Location: 'http://127.0.0.1:1/' } };
    await deliver();
    expect((await log(webhook.id))[0]).toMatchObject({ state: 'waiting', lastStatus: 302 });
    answer = { status: 503, headers: { 'Retry-After': '3600' } };
    await deliver(60);
    await deliver(1_800);
    expect(received).toHaveLength(2);
    answer = { status: 410 };
    await deliver(3_600);
    expect((await owner.get(`/webhooks/${webhook.id}`)).body).toMatchObject({ enabled: false });
  });

  test('can be replayed and tested', async () => {
    const { webhook } = await add();
    clock += 1_000;
    await happen();
    await deliver();
    const [delivery] = await log(webhook.id);
    expect((await owner.post(`/webhooks/${webhook.id}/deliveries/${delivery.id}/retry`)).status).toBe(202);
    await deliver();
    expect(received.map(({ headers }) => headers['webhook-id'])).toEqual([delivery.id, delivery.id]);
    await owner.post(`/webhooks/${webhook.id}/test`);
    await deliver();
    expect(JSON.parse(received.at(-1)?.body ?? '{}').type).toBe('webhook.tested');
  });

  test('has two secrets while one replaces the other, both sealed at rest', async () => {
    const { webhook, secret } = await add();
    const rotated = (await owner.post(`/webhooks/${webhook.id}/rotate`)).body.secret;
    clock += 1_000;
    await happen();
    await deliver();
    const [first] = received as [Received];
    expect([verifies(first, secret), verifies(first, rotated)]).toEqual([true, true]);
    clock += 25 * 3_600_000;
    owner = await signInAsOwner(rollcall, { ownerEmail: owner.email } as never);
    await happen();
    await deliver();
    const second = received.at(-1) as Received;
    expect([verifies(second, secret), verifies(second, rotated)]).toEqual([false, true]);
    const rows = await rollcall.rollcall.db.search<{ row: string }>(
      'select w::text as row from webhooks w',
      [],
    );
    expect(rows.some(({ row }) => row.includes(rotated) || row.includes(secret))).toBe(false);
  });

  test('delivered by two workers concurrently is sent once', async () => {
    await add();
    clock += 1_000;
    await happen();
    clock += 1_000;
    await Promise.all([rollcall.rollcall.deliverWebhooks(), rollcall.rollcall.deliverWebhooks()]);
    expect(received).toHaveLength(1);
  });
});

test('an address that is not public is rejected, and nothing goes there', async () => {
  const guarded = await startRollcall();
  try {
    const careful = await signInAsOwner(guarded, await guarded.organization());
    for (const address of [
      'http://127.0.0.1/',
      'http://169.254.169.254/latest',
      'http://[::1]/',
      'ftp://a.example/',
      'http://u:p@a.example/',
    ]) {
      const { status, body } = await careful.post('/webhooks', { url: address, events: ['*'] });
      expect([address, status, body.code, body.errors?.[0].path]).toEqual([
        address,
        422,
        'invalid_address',
        'url',
      ]);
    }
    expect((await careful.post('/webhooks', { url: 'http://localhost:9/', events: ['*'] })).status).toBe(201);
    const { id } = (await careful.get('/webhooks')).body.data[0];
    await careful.post(`/webhooks/${id}/test`);
    await guarded.rollcall.deliverWebhooks();
    const [delivery] = (await careful.get(`/webhooks/${id}/deliveries`)).body.data;
    expect(delivery).toMatchObject({ state: 'waiting', lastStatus: null });
    expect(delivery.lastError).toContain('public');
  } finally {
    await guarded.close();
  }
});

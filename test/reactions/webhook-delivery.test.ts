import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { envelope } from '../../src/audit/envelope.ts';
import { feedIsCurrent } from '../../src/audit/feed.ts';
import { recordEvents } from '../../src/audit/store/append.ts';
import { createCommandRunner } from '../../src/directory/command-runner.ts';
import type { OrgId } from '../../src/directory/ids.ts';
import { DEFAULT_RETENTION } from '../../src/maintenance/retention.ts';
import { SWEEPS, sweepTable } from '../../src/maintenance/store.ts';
import { smallestUuidv7, uuidv7 } from '../../src/platform/ids.ts';
import { claimJobs, completeJob, type Job } from '../../src/platform/jobs/queue.ts';
import { createSecretBox } from '../../src/platform/secret-box.ts';
import { createFanOut } from '../../src/webhooks/fan-out.ts';
import { createOutgoing, type DueWebhook, type Outgoing } from '../../src/webhooks/outgoing.ts';
import { DELIVERY_JOB } from '../../src/webhooks/store/delivery-jobs.ts';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const DAY = 86_400_000;

let clock = Date.now();
const now = () => new Date(clock);

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let outgoing: Outgoing;
const servers: Server[] = [];

beforeAll(async () => {
  rollcall = await startRollcall({ now, allowPrivateWebhooks: true });
  organization = await rollcall.organization();
  const { db } = rollcall.rollcall;
  outgoing = createOutgoing({
    db,
    now,
    runner: createCommandRunner({ db, now }),
    seal: createSecretBox({ current: randomBytes(32), previous: [] }),
  });
});
afterAll(() => rollcall.close());
// A session does not last for the days that pass in here.
beforeEach(async () => {
  owner = await signInAsOwner(rollcall, organization);
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await rollcall.rollcall.db.search('delete from webhooks', []);
});

/** A receiver that keeps the types of what it got. */
async function receive(handle: RequestListener = (_request, response) => response.writeHead(204).end()) {
  const types: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    types.push(JSON.parse(body).type);
    handle(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { types, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

const add = async (url: string, events: string[] = ['resource.created']): Promise<string> => {
  const { id } = (await owner.post('/webhooks', { url, events })).body.webhook;
  clock += 1_000;
  return id;
};
const happen = () => owner.post('/resources', { type: 'agent', name: 'An agent' });
const log = async (id: string) => (await owner.get(`/webhooks/${id}/deliveries`)).body.data;
/** Lets time pass for deliveries, and for leases, which go by the clock of Postgres. */
const pass = async (milliseconds: number) => {
  clock += milliseconds;
  await rollcall.rollcall.db.search(
    'update jobs set leased_until = leased_until - make_interval(secs => $1::float8 / 1000)',
    [milliseconds],
  );
};
const deliver = async (milliseconds = 1_000) => {
  await pass(milliseconds);
  await rollcall.rollcall.deliverWebhooks();
};
const { signal } = new AbortController();
const fanOut = async () => {
  await feedIsCurrent(rollcall.rollcall.db);
  await createFanOut({ db: rollcall.rollcall.db, now })(signal);
};
const sweepAt = async (time: number) => {
  for (const sweep of SWEEPS) {
    await sweepTable(rollcall.rollcall.db, sweep, new Date(time), DEFAULT_RETENTION, signal);
  }
};
const until = async (holds: () => boolean) => {
  for (let left = 100; !holds() && left > 0; left -= 1) await delay(50);
  expect(holds()).toBe(true);
};

/** Begins to send what is due, as a process that dies before it has sent it. */
const claimAndDie = async () => {
  const jobs = await claimJobs(rollcall.rollcall.db, 'a worker', new Map([[DELIVERY_JOB, 10]]), now());
  const begun = jobs.map(async ({ payload, leasedBy }) => {
    const webhook = await outgoing.find(organization.org as OrgId, (payload as { webhook: string }).webhook);
    return webhook === undefined ? [] : outgoing.begin(webhook, leasedBy, 10);
  });
  return (await Promise.all(begun)).flat();
};

describe('what was claimed', () => {
  test('by a process that died is sent once its lease has ended, and not before', async () => {
    const { types, url } = await receive();
    const id = await add(url);
    await happen();
    await fanOut();
    await claimAndDie();
    await deliver(14_000);
    expect(types).toEqual([]);
    await deliver(2_000);
    expect(types).toEqual(['resource.created']);
    expect(await log(id)).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });

  test('cannot be replayed while it is on its way', async () => {
    const id = await add((await receive()).url);
    await happen();
    await fanOut();
    await claimAndDie();
    const [{ id: delivery }] = await log(id);
    const replay = () => owner.post(`/webhooks/${id}/deliveries/${delivery}/retry`);
    expect(await replay()).toMatchObject({ status: 409, body: { code: 'conflict' } });
    await pass(16_000);
    expect(await replay()).toMatchObject({ status: 202, body: { state: 'waiting', attempts: 0 } });
  });

  test('by a user whose lease has ended is no longer theirs to settle', async () => {
    const id = await add((await receive()).url);
    await happen();
    await fanOut();
    const [late] = await claimAndDie();
    await deliver(16_000);
    await outgoing.settle(late as never, { status: 500, retryAfter: undefined, error: 'Too late.' });
    expect(await log(id)).toMatchObject([{ state: 'delivered', lastStatus: 204, lastError: null }]);
  });
});

test('one run begins a delivery once, and a disabled webhook is not served', async () => {
  const id = await add((await receive()).url);
  await happen();
  await fanOut();
  const webhook = await outgoing.find(organization.org as OrgId, id);
  expect(await outgoing.begin(webhook as DueWebhook, 'a lease', 10)).toHaveLength(1);
  expect(await outgoing.begin(webhook as DueWebhook, 'a lease', 10)).toEqual([]);
  await rollcall.rollcall.db.search('update webhooks set disabled_at = now() where id = $1', [id]);
  expect(await outgoing.find(organization.org as OrgId, id)).toBeUndefined();
});

test('an event that is recorded while its webhook is served makes the job due again immediately', async () => {
  const id = await add((await receive()).url);
  await happen();
  await fanOut();
  const { db } = rollcall.rollcall;
  const jobs = await claimJobs(db, 'a worker', new Map([[DELIVERY_JOB, 10]]), now());
  const job = jobs.find(({ payload }) => (payload as { webhook: string }).webhook === id);
  await happen();
  clock += 1_000;
  await fanOut();
  await completeJob(db, job as Job, undefined, now());
  expect(
    await db.search('select due_at <= $1 as due, leased_by from jobs where subject_id = $2', [
      now().toISOString(),
      id,
    ]),
  ).toEqual([{ due: true, leased_by: null }]);
});

test('what waits without a job, as a process of the version before leaves it, is delivered', async () => {
  const { types, url } = await receive();
  await add(url);
  await happen();
  await fanOut();
  await rollcall.rollcall.db.search('delete from jobs where kind = $1', [DELIVERY_JOB]);
  await deliver();
  expect(types).toEqual([]);
  await outgoing.requestMissing();
  await deliver();
  expect(types).toEqual(['resource.created']);
});

describe('receivers', () => {
  test('that hang do not delay others, nor what happens meanwhile', async () => {
    const hanging = await receive(() => {});
    const quick = await receive();
    await add(hanging.url);
    await add(quick.url);
    await happen();
    const run = deliver();
    await until(() => hanging.types.length === 1 && quick.types.length === 1);
    await happen();
    clock += 1_000;
    await fanOut();
    await until(() => quick.types.length === 2);
    hanging.server.closeAllConnections();
    await run;
  });

  test('are let go when the server stops, and what was on its way is due again', async () => {
    const own = await startRollcall({ allowPrivateWebhooks: true });
    try {
      const administrator = await signInAsOwner(own, await own.organization());
      const hanging = await receive(() => {});
      const { id } = (await administrator.post('/webhooks', { url: hanging.url, events: ['*'] })).body
        .webhook;
      await administrator.post(`/webhooks/${id}/test`);
      const worker = await own.rollcall.work();
      await until(() => hanging.types.length === 1);
      const began = performance.now();
      await worker.stop();
      expect(performance.now() - began).toBeLessThan(5_000);
      const deliveries = (await administrator.get(`/webhooks/${id}/deliveries`)).body.data;
      expect(deliveries).toMatchObject([{ type: 'webhook.tested', state: 'waiting', attempts: 0 }]);
    } finally {
      await own.close();
    }
  });

  test('that never answer well are given up after ten attempts in some days, and can be asked again', async () => {
    let status = 500;
    const { types, url } = await receive((_request, response) => response.writeHead(status).end());
    const id = await add(url);
    await happen();
    for (let attempt = 1; attempt <= 10; attempt += 1) await deliver(2 * DAY);
    await deliver(2 * DAY);
    expect(types).toHaveLength(10);
    owner = await signInAsOwner(rollcall, organization);
    const [failed] = await log(id);
    expect(failed).toMatchObject({ state: 'failed', attempts: 10, lastStatus: 500, dueAt: null });
    expect(failed.lastError).toBe('The receiver answered 500.');
    status = 200;
    await owner.post(`/webhooks/${id}/deliveries/${failed.id}/retry`);
    await deliver();
    expect(await log(id)).toMatchObject([{ state: 'delivered', attempts: 1, lastError: null }]);
  });

  test('to a receiver that is down for a whole day are all made once it is back, each once', async () => {
    const { types, url, server } = await receive();
    const { port } = server.address() as AddressInfo;
    const id = await add(url);
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    for (let hour = 0; hour < 24; hour += 1) {
      if (hour % 6 === 0) {
        owner = await signInAsOwner(rollcall, organization);
        await happen();
      }
      await deliver(DAY / 24);
    }
    expect(types).toEqual([]);
    owner = await signInAsOwner(rollcall, organization);
    expect((await log(id)).map(({ state }: { state: string }) => state)).toEqual(Array(4).fill('waiting'));
    expect((await owner.get(`/webhooks/${id}`)).body.enabled).toBe(true);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    for (let hour = 0; hour < 24; hour += 1) await deliver(DAY / 24);
    expect(types).toHaveLength(4);
    owner = await signInAsOwner(rollcall, organization);
    expect((await log(id)).map(({ state }: { state: string }) => state)).toEqual(Array(4).fill('delivered'));
  });

  test('that are gone end the webhook, with an event; what happens until it is enabled again is not sent', async () => {
    let status = 410;
    const { types, url } = await receive((_request, response) => response.writeHead(status).end());
    const watcher = await receive();
    const id = await add(url);
    await add(watcher.url, ['webhook.disabled']);
    await happen();
    await deliver();
    await happen();
    await deliver();
    expect(types).toHaveLength(1);
    expect(watcher.types).toEqual(['webhook.disabled']);
    const disabled = (await owner.get(`/webhooks/${id}`)).body;
    expect(disabled).toMatchObject({ enabled: false, disabledReason: 'The receiver answered 410 Gone.' });
    expect((await owner.post(`/webhooks/${id}/test`)).status).toBe(409);

    status = 204;
    expect((await owner.patch(`/webhooks/${id}`, { enabled: true })).body.enabled).toBe(true);
    clock += 1_000;
    await happen();
    await deliver();
    expect(types).toHaveLength(2);
  });
});

describe('events', () => {
  test('of a command that commits late, behind others, are not lost', async () => {
    const { types, url } = await receive();
    const id = await add(url);
    const at = clock;
    clock += 90_000;
    await rollcall.rollcall.db.transaction(organization.org, async (tx) => {
      const org = organization.org as OrgId;
      const actor = { type: 'system', id: 'worker', via: 'schedule' } as const;
      const late = envelope({ actor, requestId: 'late' }, uuidv7(at), new Date(at).toISOString());
      await recordEvents(tx, org, late, [{ action: 'resource.created', target: ['resource', uuidv7(at)] }]);
      await happen();
      await createFanOut({ db: rollcall.rollcall.db, now })(signal);
      // What was recorded after it comes after it.
      expect(await log(id)).toEqual([]);
    });
    await deliver();
    expect(types).toHaveLength(2);
    await deliver();
    expect(types).toHaveLength(2);
  });

  test('more than one statement takes are all delivered, each once', async () => {
    const id = await add((await receive()).url);
    const at = clock;
    const actor = { type: 'system', id: 'worker', via: 'schedule' } as const;
    await recordEvents(
      rollcall.rollcall.db,
      organization.org as OrgId,
      envelope({ actor, requestId: 'many' }, uuidv7(at), new Date(at).toISOString()),
      Array.from({ length: 2_500 }, () => ({ action: 'resource.created', target: ['resource', uuidv7(at)] })),
    );
    clock += 1_000;
    for (let look = 0; look < 4; look += 1) await fanOut();
    const [row] = await rollcall.rollcall.db.search<{ count: number }>(
      'select count(*) from webhook_deliveries where webhook_id = $1',
      [id],
    );
    expect(row?.count).toBe(2_500);
  });

  test('of 5,000 changes together become deliveries in one run', async () => {
    const id = await add((await receive()).url);
    const at = clock;
    const actor = { type: 'system', id: 'worker', via: 'schedule' } as const;
    await recordEvents(
      rollcall.rollcall.db,
      organization.org as OrgId,
      envelope({ actor, requestId: 'flood' }, uuidv7(at), new Date(at).toISOString()),
      Array.from({ length: 5_000 }, () => ({ action: 'resource.created', target: ['resource', uuidv7(at)] })),
    );
    clock += 1_000;
    await fanOut();
    const [row] = await rollcall.rollcall.db.search<{ count: number }>(
      'select count(*) from webhook_deliveries where webhook_id = $1',
      [id],
    );
    expect(row?.count).toBe(5_000);
  });

  test('of a group change permissions if its role is another one, not if its name is', async () => {
    const { types, url } = await receive();
    const group = (await owner.post('/groups', { name: 'Carriers' })).body.id;
    clock += 1_000;
    await add(url, ['permissions.changed']);
    await owner.patch(`/groups/${group}`, { description: 'They carry.' });
    await deliver();
    expect(types).toEqual([]);
    await owner.patch(`/groups/${group}`, { role: 'train' });
    await deliver();
    expect(types).toEqual(['permissions.changed']);
  });

  test('asked for by * come each once, under their own names', async () => {
    const { types, url } = await receive();
    await add(url, ['*', 'permissions.changed', 'group.created']);
    const group = (await owner.post('/groups', { name: 'Everything' })).body.id;
    await owner.post(`/groups/${group}/members`, { userIds: [owner.id] });
    await deliver();
    expect([...types].sort()).toEqual(['group.created', 'group.member_added']);
  });

  test('that were delivered or given up are deleted after 30 days; pending ones are not', async () => {
    const arrived = await add((await receive()).url);
    const waiting = await add((await receive((_request, response) => response.writeHead(500).end())).url);
    await happen();
    await deliver();
    await sweepAt(clock + 29 * DAY);
    expect(await log(arrived)).toHaveLength(1);
    await sweepAt(clock + 31 * DAY);
    expect(await log(arrived)).toEqual([]);
    expect(await log(waiting)).toHaveLength(1);
  });
});

test('the smallest id of a time is above all ids before it and below all ids from then on', () => {
  const time = Date.UTC(2026, 10, 24);
  expect(uuidv7(time - 1) < smallestUuidv7(time)).toBe(true);
  expect(uuidv7(time) > smallestUuidv7(time)).toBe(true);
});

test('an organization has at most 20 webhooks', async () => {
  const made = await Promise.all(
    Array.from({ length: 22 }, () =>
      owner.post('/webhooks', { url: 'https://hooks.example.com/', events: ['*'] }),
    ),
  );
  expect(made.filter(({ status }) => status === 201)).toHaveLength(20);
  expect(made.find(({ status }) => status !== 201)).toMatchObject({
    status: 409,
    body: { code: 'too_many' },
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { type SyslogReceiver, startSyslogReceiver } from '../support/syslog-receiver.ts';
import { type Authority, type Credential, createAuthority } from '../support/tls-authority.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let authority: Authority;
let credential: Credential;
let receiver: SyslogReceiver;
let clock = Date.now();

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(clock), allowPrivateWebhooks: true });
  authority = await createAuthority();
  credential = await authority.issue('127.0.0.1');
});
afterAll(() => rollcall.close());

beforeEach(async () => {
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  receiver = await startSyslogReceiver(credential);
});
afterEach(async () => {
  for (const { id } of (await owner.get('/audit/streams')).body.data)
    await owner.delete(`/audit/streams/${id}`);
  await receiver.close();
});

const add = async (more: object = {}, by = owner): Promise<string> => {
  const body = { name: 'SIEM', host: '127.0.0.1', port: receiver.port, ca: authority.certificate, ...more };
  return (await by.post('/audit/streams', body).expect(201)).body.id;
};
const deliver = async (seconds = 1) => {
  clock += seconds * 1_000;
  await rollcall.rollcall.deliverAuditStreams();
};
const health = async (id: string) => (await owner.get(`/audit/streams/${id}`).expect(200)).body;
let groups = 0;
const happen = async (by = owner): Promise<string> => {
  clock += 10;
  return (await by.post('/groups', { name: `Stream group ${++groups}` }).expect(201)).body.id;
};

/** The JSON of a message, behind its header. */
const textOf = (message: string) => JSON.parse(message.slice(message.indexOf('{')));
/** Ids of the groups whose making was received, in order. */
const received = () =>
  receiver.messages
    .map(textOf)
    .filter(({ action }) => action === 'group.created')
    .map(({ target }) => target.id);

describe('an audit stream', () => {
  test('sends every event once, in order, as RFC 5424 in frames of RFC 5425, and none of another organization', async () => {
    const stranger = await signInAsOwner(rollcall, await rollcall.organization());
    const id = await add();
    const made = [await happen(), await happen()];
    await happen(stranger);
    await deliver();
    await deliver();
    made.push(await happen());
    await deliver();
    expect(received()).toEqual(made);
    const events = (await owner.get('/audit?limit=200')).body.data;
    const ids = receiver.messages.map((message) => textOf(message).id);
    expect(ids).toEqual([...new Set(ids)]);
    const inOrder = await rollcall.rollcall.db.search<{ id: string }>(
      'select id from events where org_id = $1 and id = any($2::uuid[]) order by feed_position, id',
      [organization.org, ids],
    );
    expect(ids).toEqual(inOrder.map((event) => event.id));
    expect(receiver.messages[0]).toMatch(
      new RegExp(`^<110>1 \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z \\S+ rollcall ${organization.org} [a-z_.]+ - \\{`),
    );
    expect(textOf(receiver.messages.at(-1) as string)).toEqual(
      events.find((event: { id: string }) => event.id === ids.at(-1)),
    );
    expect(await health(id)).toMatchObject({
      state: 'current',
      sentence: 'All events are delivered.',
      deliveredEvent: ids.at(-1),
      waiting: 0,
      waitingSince: null,
      failures: 0,
      lastError: null,
    });
  });

  test('writes OCSF where it is chosen', async () => {
    await add({ format: 'ocsf' });
    await happen();
    await deliver();
    const written = receiver.messages.map(textOf);
    expect(written).toContainEqual(
      expect.objectContaining({ class_name: 'Group Management', activity_name: 'Create', status: 'Success' }),
    );
  });

  test('begins with all that is kept, if asked to', async () => {
    const before = await happen();
    await add({ from: 'oldest' });
    await deliver();
    expect(received()).toEqual([before]);
    const actions = receiver.messages.map((message) => textOf(message).action);
    expect(actions).toContain('organization.created');
  });

  test('loses nothing while its receiver is down for days, waits longer and longer, and says how it is', async () => {
    const id = await add();
    const { port } = receiver;
    await receiver.close();
    const made: string[] = [];
    for (let day = 0; day < 3; day += 1) {
      made.push(await happen());
      await deliver(day === 0 ? 1 : 86_400);
      owner = await signInAsOwner(rollcall, organization);
    }
    const down = await health(id);
    expect(down).toMatchObject({
      state: 'failing',
      failures: 3,
      deliveredEvent: null,
      lastError: 'The connection was refused: nothing listens on this host and port.',
      sentence: expect.stringMatching(/^\d+ events wait: 3 attempts failed\. The connection was refused/),
    });
    expect(down.waiting).toBeGreaterThanOrEqual(3);
    expect(Date.parse(down.retryAt) - clock).toBeGreaterThan(5_000);
    receiver = await startSyslogReceiver(credential, { port });
    await deliver(1);
    expect(receiver.connections).toBe(0);
    await deliver(600);
    expect(received()).toEqual(made);
    expect(await health(id)).toMatchObject({ state: 'current', failures: 0, waiting: 0, retryAt: null });
  });

  test('opens an alert once an event has waited for a day, each time that its receiver is down', async () => {
    const alerts = async () => {
      await rollcall.rollcall.watchForAlerts();
      owner = await signInAsOwner(rollcall, organization);
      return (await owner.get('/alerts?kind=failing_stream')).body.data;
    };
    const id = await add();
    await happen();
    await deliver();
    // Nothing happens for two days: nothing waits.
    await deliver(2 * 86_400);
    expect(await alerts()).toEqual([]);
    for (const outage of [1, 2]) {
      await receiver.close();
      const made = await happen();
      for (let hour = 0; hour < 23; hour += 1) await deliver(3_600);
      expect(await alerts()).toHaveLength(outage - 1);
      await deliver(2 * 3_600);
      const opened = await alerts();
      expect(opened).toHaveLength(outage);
      expect(opened[0]).toMatchObject({ severity: 'high', values: { stream: id } });
      receiver = await startSyslogReceiver(credential, { port: receiver.port });
      await deliver(600);
      await deliver();
      expect(received()).toContain(made);
    }
  });

  test('sends again what a receiver that accepts and closes did not read', async () => {
    const id = await add();
    const made = [await happen()];
    receiver.behaviour = 'close';
    await deliver();
    expect(received()).toEqual([]);
    expect(await health(id)).toMatchObject({
      failures: 1,
      lastError: expect.stringMatching(/before it had read all\.$/),
    });
    receiver.behaviour = 'read';
    await deliver(600);
    expect(received()).toEqual(made);
  });

  test('begins with a whole message after a connection that was cut in the middle of one', async () => {
    const id = await add();
    const made: string[] = [];
    for (let count = 0; count < 6; count += 1) made.push(await happen());
    receiver.behaviour = 'cut after 1000 bytes';
    await deliver();
    const cut = received();
    expect(cut.length).toBeLessThan(made.length);
    expect(await health(id)).toMatchObject({ state: 'failing', failures: 1 });
    receiver.behaviour = 'read';
    receiver.messages.length = 0;
    await deliver(600);
    expect(received()).toEqual(made);
  });

  test('sends nothing to a receiver whose certificate is of another authority or host', async () => {
    const other = await createAuthority();
    const id = await add({ ca: other.certificate });
    await happen();
    await deliver();
    expect(receiver.messages).toEqual([]);
    expect((await health(id)).lastError).toMatch(/^The certificate of the receiver is not signed by/);
    await receiver.close();
    receiver = await startSyslogReceiver(await authority.issue('syslog.example.com'));
    await owner.patch(`/audit/streams/${id}`, { ca: authority.certificate, port: receiver.port }).expect(200);
    await deliver();
    expect(receiver.messages).toEqual([]);
    expect((await health(id)).lastError).toBe('The certificate of the receiver is not one of 127.0.0.1.');
  });

  test('shows its certificate to a receiver that asks for one; the key is sealed and never shown', async () => {
    await receiver.close();
    receiver = await startSyslogReceiver(credential, { clientCa: authority.certificate });
    const id = await add();
    const [made] = [await happen()];
    await deliver();
    expect((await health(id)).lastError).toMatch(/our certificate/);
    const client = await authority.issue('rollcall.example.com');
    const given = { clientCertificate: client.certificate, clientKey: client.key };
    const changed = await owner.patch(`/audit/streams/${id}`, given).expect(200);
    expect(changed.text).not.toContain('PRIVATE');
    await deliver();
    expect(received()).toEqual([made]);
    const [row] = await rollcall.rollcall.db.search<{ sealed: string }>(
      'select sealed_client_key as sealed from audit_streams where id = $1',
      [id],
    );
    expect(row?.sealed).not.toContain('PRIVATE');
  });

  test('that hangs or fails delays no stream of another organization', async () => {
    const stranger = await signInAsOwner(rollcall, await rollcall.organization());
    await owner.post('/audit/streams', { name: 'Down', host: '127.0.0.1', port: 1 }).expect(201);
    const other = await add({}, stranger);
    await happen();
    const made = await happen(stranger);
    await deliver();
    expect(received()).toEqual([made]);
    await stranger.delete(`/audit/streams/${other}`).expect(204);
  });

  test('that is paused goes on where it was, one that is removed sends nothing', async () => {
    const id = await add();
    await owner.patch(`/audit/streams/${id}`, { enabled: false }).expect(200);
    const made = await happen();
    await deliver();
    expect(receiver.messages).toEqual([]);
    expect(await health(id)).toMatchObject({ state: 'paused', enabled: false });
    await owner.patch(`/audit/streams/${id}`, { enabled: true }).expect(200);
    await deliver();
    expect(received()).toEqual([made]);
    await happen();
    await owner.delete(`/audit/streams/${id}`).expect(204);
    await deliver();
    expect(received()).toEqual([made]);
    const cursors = await rollcall.rollcall.db.search('select from event_cursors where consumer = $1', [
      `stream:${id}`,
    ]);
    expect(cursors).toEqual([]);
  });

  test('says in one sentence what became of a test message', async () => {
    const id = await add();
    expect((await owner.post(`/audit/streams/${id}/test`).expect(200)).body).toEqual({
      delivered: true,
      sentence: `The test message was delivered to 127.0.0.1:${receiver.port}, whose certificate was verified.`,
    });
    expect(textOf(receiver.messages[0] as string)).toMatchObject({
      action: 'audit_stream.tested',
      sentence: 'This is a test message of Rollcall.',
    });
    await owner.patch(`/audit/streams/${id}`, { ca: null });
    expect((await owner.post(`/audit/streams/${id}/test`)).body).toEqual({
      delivered: false,
      sentence: expect.stringMatching(/is not signed by an authority that is trusted here/),
    });
  });

  test('sends on what more than one connection takes', async () => {
    await add();
    const targets = Array.from(
      { length: 1_100 },
      (_, index) => `01890000-0000-7000-8000-${String(index).padStart(12, '0')}`,
    );
    await rollcall.rollcall.db.search(
      `insert into events (org_id, id, at, action, target_type, target_id, outcome, actor_type, actor_id, via)
       select $1, gen_random_uuid(), now(), 'job.discarded', 'job', n, 'success', 'system', 'worker', 'schedule'
       from unnest($2::uuid[]) n`,
      [organization.org, targets],
    );
    await deliver();
    const jobs = receiver.messages.map(textOf).filter(({ action }) => action === 'job.discarded');
    expect(new Set(jobs.map(({ target }) => target.id))).toEqual(new Set(targets));
    expect(jobs).toHaveLength(targets.length);
  });
});

describe('what an administrator may give', () => {
  test.each([
    ['a metadata address', { host: '169.254.169.254' }, 'address'],
    ['an address with a scheme', { host: 'https://a.example' }, 'host'],
    ['a CA that is no certificate', { ca: 'abc' }, 'PEM'],
    ['a certificate without its key', { clientCertificate: 'here' }, 'clientKey'],
  ])('is not %s', async (_, more, word) => {
    const body = { name: 'SIEM', host: '127.0.0.1', ...more };
    const answer = await owner.post('/audit/streams', body);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(word);
  });

  test('is not a certificate with the key of another', async () => {
    const [one, two] = [await authority.issue('a.example'), await authority.issue('b.example')];
    const answer = await owner.post('/audit/streams', {
      name: 'SIEM',
      host: '127.0.0.1',
      clientCertificate: one.certificate,
      clientKey: two.key,
    });
    expect(answer.body.detail).toBe('clientKey is not the key of clientCertificate.');
  });

  test('is at most five streams', async () => {
    for (let count = 0; count < 5; count += 1) await add();
    await owner.post('/audit/streams', { name: 'One more', host: '127.0.0.1' }).expect(409);
  });
});

test('a private address is refused unless the server allows it', async () => {
  const closed = await startRollcall();
  try {
    const by = await signInAsOwner(closed, await closed.organization());
    const answer = await by.post('/audit/streams', { name: 'Inside', host: '10.0.0.1' });
    expect(answer.status).toBe(422);
    const named = await by.post('/audit/streams', { name: 'Inside', host: 'localhost', port: receiver.port });
    const test = await by.post(`/audit/streams/${named.body.id}/test`);
    expect(test.body).toEqual({
      delivered: false,
      sentence: 'The host has no public address, and others are not allowed here.',
    });
    expect(receiver.connections).toBe(0);
  } finally {
    await closed.close();
  }
});

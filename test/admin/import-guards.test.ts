import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, mailsTo, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let admin: TestUser;
let time = new Date();

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => time });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  admin = await joins(rollcall, owner, { role: 'admin' });
});
afterAll(() => rollcall.close());

const HEADER = 'email,name,role,groups';
let number = 0;
const address = () => `guarded-${++number}@rollcall.example`;
const csv = (...rows: string[]) => [HEADER, ...rows].join('\n');
const upload = (content: string | Buffer, who = owner, query = '') =>
  who
    .post(`/imports${query}`)
    .set('Content-Type', 'text/csv')
    .send(content as never);
const found = async (email: string) => (await owner.get(`/users?q=${email}`)).body.data;
const setSettings = (settings: object) =>
  rollcall.rollcall.db.search('update organizations set settings = $2::jsonb where id = $1', [
    organization.org,
    JSON.stringify(settings),
  ]);

describe('guard rule 4: no one imports a role above their own limit', () => {
  beforeAll(async () => {
    await owner.post('/groups', { name: 'Chiefs', role: 'admin' });
    await setSettings({ onlyOwnersGrantAdmin: true });
  });
  afterAll(() => setSettings({}));

  test('not by the role column, and not through a group that carries one', async () => {
    const { body } = await upload(csv(`${address()},,admin,`, `${address()},,readonly,Chiefs`), admin);
    for (const row of body.rows) {
      expect(row).toMatchObject({ result: 'error', message: expect.stringContaining('up to configure') });
    }
    const { body: owners } = await upload(csv(`${address()},,admin,`, `${address()},,readonly,Chiefs`));
    expect(owners.counts).toMatchObject({ add: 2, error: 0 });
  });

  test('not by a group that was given the role after the preview', async () => {
    const { body: group } = await owner.post('/groups', { name: 'Harmless' });
    const [bad, good] = [address(), address()];
    const { body } = await upload(csv(`${bad},,readonly,Harmless`, `${good},,readonly,`), admin);
    expect(body.counts).toMatchObject({ add: 2 });
    expect((await owner.patch(`/groups/${group.id}`, { role: 'admin' })).status).toBe(200);
    expect((await admin.post(`/imports/${body.id}/confirm`)).status).toBe(202);
    await rollcall.rollcall.runDueJobsOnce();
    const done = (await owner.get(`/imports/${body.id}`)).body;
    expect(done).toMatchObject({ state: 'done', counts: { add: 1, error: 1 } });
    expect(await found(bad)).toEqual([]);
    expect(await found(good)).toHaveLength(1);
    expect(await mailsTo(rollcall, bad)).toEqual([]);
  });

  test('an owner is out of reach of an admin, and no one is in reach of themselves', async () => {
    const rows = csv(`${organization.ownerEmail},,readonly,`, `${admin.email},,readonly,`);
    const { body } = await upload(rows, admin, '?onDuplicate=update_role');
    expect(body.rows.map(({ result }: { result: string }) => result)).toEqual(['error', 'error']);
    expect(body.rows[1].message).toContain('your own role');
  });
});

test('a Manager imports no one', async () => {
  const manager = await joins(rollcall, owner, { role: 'configure' });
  expect((await upload(csv(`${address()},,readonly,`), manager)).status).toBe(403);
  expect((await manager.get('/imports/template.csv')).status).toBe(403);
});

test('an import that a key confirms can no more than the key', async () => {
  const { body: key } = await admin.post('/me/api-keys', { name: 'Import', scopes: ['imports:run'] });
  const narrow = withKey(rollcall.server, key.token);
  const { status, body } = await upload(csv(`${address()},,readonly,`), narrow);
  expect(status).toBe(201);
  expect(body.counts).toMatchObject({ add: 0, error: 1 });
});

test('of another organization an import is not there', async () => {
  const { body } = await upload(csv(`${address()},,readonly,`));
  const stranger = await signInAsOwner(rollcall, await rollcall.organization());
  for (const path of ['', '/rows', '/errors.csv']) {
    expect((await stranger.get(`/imports/${body.id}${path}`)).status).toBe(404);
  }
  expect((await stranger.post(`/imports/${body.id}/confirm`)).status).toBe(404);
  expect((await stranger.delete(`/imports/${body.id}`)).status).toBe(404);
  expect((await admin.get(`/imports/${body.id}`)).status).toBe(200);
});

describe('between preview and run', () => {
  test('R31, R35: each row is looked at again; what went wrong meanwhile stops no other user', async () => {
    const { body: group } = await owner.post('/groups', { name: 'Short-lived' });
    const [lost, taken, fine] = [address(), address(), address()];
    const leaver = await joins(rollcall, owner);
    const { body } = await upload(
      csv(
        `${lost},,readonly,Short-lived`,
        `${taken},,train,`,
        `${leaver.email},,train,`,
        `${fine},,readonly,`,
      ),
      owner,
      '?onDuplicate=update_role',
    );
    expect(body.counts).toEqual({ add: 3, update: 1, skip: 0, error: 0 });
    await owner.delete(`/groups/${group.id}`);
    await joins(rollcall, owner, { email: taken, role: 'train' });
    await owner.delete(`/users/${leaver.id}`, { mode: 'soft', password: 'correct battery horse 7' });
    await owner.post(`/imports/${body.id}/confirm`);
    await rollcall.rollcall.runDueJobsOnce();
    const { data } = (await owner.get(`/imports/${body.id}/rows`)).body;
    expect(data.map(({ result, message }: { result: string; message: string }) => [result, message])).toEqual(
      [
        ['error', 'Group not found'],
        ['skip', 'Duplicate email'],
        ['error', expect.stringContaining('deleted after the preview')],
        ['add', null],
      ],
    );
    expect(await found(leaver.email)).toEqual([]);
    expect((await found(fine))[0].status).toBe('pending');
  });

  test('rows come in pages and by result', async () => {
    const rows = Array.from({ length: 120 }, (_, at) => `${address()},,${at % 2 === 0 ? 'train' : 'none'},`);
    const { body } = await upload(csv(...rows));
    const first = (await owner.get(`/imports/${body.id}/rows?result=error&limit=50`)).body;
    const second = (await owner.get(`/imports/${body.id}/rows?result=error&cursor=${first.nextCursor}`)).body;
    expect([first.data.length, second.data.length, second.nextCursor]).toEqual([50, 10, null]);
    const numbers = [...first.data, ...second.data].map(({ row }: { row: number }) => row);
    expect(numbers).toEqual(Array.from({ length: 60 }, (_, at) => 3 + 2 * at));
  });

  test('a preview that is thrown away is gone, and one that runs or ran is confirmed once', async () => {
    const { body } = await upload(csv(`${address()},,readonly,`));
    expect((await owner.delete(`/imports/${body.id}`)).status).toBe(204);
    expect((await owner.post(`/imports/${body.id}/confirm`)).status).toBe(404);
    const { body: other } = await upload(csv(`${address()},,readonly,`));
    await owner.post(`/imports/${other.id}/confirm`);
    expect((await owner.delete(`/imports/${other.id}`)).body.code).toBe('already_confirmed');
    await rollcall.rollcall.runDueJobsOnce();
    expect((await owner.post(`/imports/${other.id}/confirm`)).body.code).toBe('already_confirmed');
    expect((await owner.patch(`/imports/${other.id}`, { onDuplicate: 'skip' })).status).toBe(409);
    expect((await owner.delete(`/imports/${other.id}`)).status).toBe(204);
  });

  test('after 24 hours a preview has expired', async () => {
    const { body } = await upload(csv(`${address()},,readonly,`));
    time = new Date(time.getTime() + 24 * 3_600_000 + 1_000);
    owner = await signInAsOwner(rollcall, organization);
    const refused = await owner.post(`/imports/${body.id}/confirm`);
    expect([refused.status, refused.body.code]).toEqual([409, 'expired']);
    expect((await owner.patch(`/imports/${body.id}`, { onDuplicate: 'skip' })).body.code).toBe('expired');
  });
});

describe('what is sent', () => {
  test('a form needs a file, a boundary and a policy that is one; another type is 415', async () => {
    const form = owner.post('/imports').field('onDuplicate', 'skip');
    expect((await form).body.errors[0]).toMatchObject({ path: 'file' });
    const merged = owner
      .post('/imports')
      .field('onDuplicate', 'merge')
      .attach('file', Buffer.from(HEADER), 'x.csv');
    expect((await merged).body.errors[0]).toMatchObject({ path: 'onDuplicate' });
    const broken = await owner
      .post('/imports')
      .set('Content-Type', 'multipart/form-data')
      .send('x' as never);
    expect(broken.status).toBe(422);
    expect((await owner.post('/imports', {})).status).toBe(415);
  });

  test('50 MB are rejected immediately, announced or not; the rest is read and discarded', async () => {
    const before = process.memoryUsage.rss();
    for (const announced of [true, false]) {
      const start = performance.now();
      const { status, sent } = await sendRaw(50 * 1024 * 1024, announced);
      expect([status, sent]).toEqual([413, 50 * 1024 * 1024]);
      expect(performance.now() - start).toBeLessThan(5_000);
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 1024 * 1024);
  });
});

/** Uploads so many bytes over a socket, to the last one, as a client does that does not listen meanwhile. */
function sendRaw(bytes: number, announced: boolean): Promise<{ status: number; sent: number }> {
  const { port } = rollcall.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  let [answer, sent] = ['', 0];
  const headers = {
    ...headersOf(owner),
    Host: '127.0.0.1',
    'Content-Type': 'text/csv',
    ...(announced ? { 'Content-Length': bytes } : { 'Transfer-Encoding': 'chunked' }),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST /api/v1/imports HTTP/1.1\r\n${lines.join('')}\r\n`);
  const piece = Buffer.alloc(64 * 1024, 'a,b,c,d\n');
  const framed = announced ? piece : Buffer.concat([Buffer.from('10000\r\n'), piece, Buffer.from('\r\n')]);
  return new Promise((resolve, reject) => {
    socket.on('error', reject).on('data', (data: Buffer) => {
      answer += data.toString();
    });
    const more = () => {
      while (sent < bytes) {
        sent += piece.length;
        if (!socket.write(framed)) return void socket.once('drain', more);
      }
      socket.write(announced ? '' : '0\r\n\r\n', () => {
        setTimeout(() => {
          socket.destroy();
          resolve({ status: Number(answer.split(' ')[1]), sent });
        }, 100);
      });
    };
    more();
  });
}

/** What a user's requests carry. */
function headersOf(user: TestUser): Record<string, string> {
  return (user.get('/me') as unknown as { header: Record<string, string> }).header;
}

import { createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

const MINUTE = 60_000;

let shift = 0;
const now = () => new Date(Date.now() + shift);
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  shift = 0;
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(authentication = false): Promise<{
  mailServer: MailServer;
  rollcall: TestRollcall;
  owner: TestUser;
}> {
  const mailServer = await startMailServer(authentication);
  ends.push(() => mailServer.stop());
  const rollcall = await startRollcall({ now, mail: mailServer.options });
  ends.push(() => rollcall.close());
  const owner = await signInAsOwner(rollcall, await rollcall.organization());
  return { mailServer, rollcall, owner };
}

const until = async (holds: () => boolean | Promise<boolean>, timeoutMs: number) => {
  const end = performance.now() + timeoutMs;
  while (!(await holds()) && performance.now() < end) await delay(10);
  expect(await holds()).toBe(true);
};

test('no mail is lost while a mail server is down for two days: each is delivered once', async () => {
  const { mailServer, rollcall, owner } = await start();
  await mailServer.stop();
  await owner.post('/invitations', { email: 'ann@acme.example' });
  let attempts = 0;
  for (let minutes = 0; minutes < 2 * 24 * 60; minutes += 45) {
    attempts += await rollcall.rollcall.runDueJobsOnce();
    shift += 45 * MINUTE;
  }
  expect(attempts).toBeGreaterThan(30);
  await mailServer.start();
  for (let look = 0; look < 3; look += 1) {
    shift += 45 * MINUTE;
    await rollcall.rollcall.runDueJobsOnce();
  }
  expect(mailServer.received.map(({ subject }) => subject)).toEqual([expect.stringContaining('invites you')]);
});

describe('GET /invitations', () => {
  test('records when the mail server accepted the mail, and not before', async () => {
    const { rollcall, owner } = await start();
    await owner.post('/invitations', { email: 'ann@acme.example' });
    const [queued] = (await owner.get('/invitations')).body.data;
    expect(queued).toMatchObject({ sentAt: null, mailStatus: 'queued', mailError: null });
    await rollcall.rollcall.runDueJobsOnce();
    const [sent] = (await owner.get('/invitations')).body.data;
    expect(sent).toMatchObject({ sentAt: expect.any(String), mailStatus: 'sent', mailError: null });
    await owner.post(`/invitations/${sent.id}/resend`);
    expect((await owner.get('/invitations')).body.data).toMatchObject([
      { sentAt: null, mailStatus: 'queued' },
    ]);
  });

  test('records why the server rejected the recipient permanently, until the job is retried', async () => {
    const { mailServer, rollcall, owner } = await start();
    mailServer.onRecipient = async () => 550;
    await owner.post('/invitations', { email: 'ann@acme.example' });
    await rollcall.rollcall.runDueJobsOnce();
    expect((await owner.get('/invitations')).body.data).toMatchObject([
      { sentAt: null, mailStatus: 'failed', mailError: expect.stringContaining('550') },
    ]);
    const { data } = (await owner.get('/jobs?state=dead')).body;
    expect(data).toMatchObject([{ kind: 'send_mail', state: 'dead', attempts: 1, dueAt: null }]);
    expect(JSON.stringify(data)).not.toContain('ann@');
    const ready = (await request(rollcall.server).get('/readyz')).body;
    expect(ready).toEqual({ status: 'ready', detail: expect.stringContaining('1 of send_mail') });
    const metrics = (await request(rollcall.server).get('/metrics')).text;
    expect(metrics).toContain('rollcall_jobs_dead{kind="send_mail"} 1');
    expect(metrics).toContain('rollcall_jobs_waiting{kind="send_mail"} 0');

    mailServer.onRecipient = async () => undefined;
    expect(await owner.post(`/jobs/${data[0].id}/retry`)).toMatchObject({
      status: 202,
      body: { state: 'waiting', attempts: 0 },
    });
    expect((await owner.post(`/jobs/${data[0].id}/retry`)).status).toBe(409);
    await rollcall.rollcall.runDueJobsOnce();
    expect((await owner.get('/invitations')).body.data).toMatchObject([{ mailStatus: 'sent' }]);
    expect((await owner.get(`/jobs/${data[0].id}`)).status).toBe(404);
  });
});

describe('a reply of the mail server', () => {
  test.each([450, 530])('%i to the recipient is tried again', async (code) => {
    const { mailServer, rollcall, owner } = await start();
    mailServer.onRecipient = async () => code;
    await owner.post('/invitations', { email: 'ann@acme.example' });
    await rollcall.rollcall.runDueJobsOnce();
    expect((await owner.get('/jobs')).body.data).toMatchObject([{ state: 'waiting', attempts: 1 }]);
  });

  test('535 to our password is tried again', async () => {
    const { rollcall, owner } = await start(true);
    await owner.post('/invitations', { email: 'ann@acme.example' });
    await rollcall.rollcall.runDueJobsOnce();
    const { data } = (await owner.get('/jobs')).body;
    expect(data).toMatchObject([
      { state: 'waiting', attempts: 1, lastError: expect.stringContaining('535') },
    ]);
  });
});

describe('dead jobs', () => {
  test('are retried together, by kind, and discarded', async () => {
    const { mailServer, rollcall, owner } = await start();
    mailServer.onRecipient = async () => 550;
    for (const name of ['ann', 'ben', 'cleo'])
      await owner.post('/invitations', { email: `${name}@acme.example` });
    await rollcall.rollcall.runDueJobsOnce();
    const dead = (await owner.get('/jobs?state=dead&kind=send_mail')).body.data as { id: string }[];
    expect(dead).toHaveLength(3);
    expect((await owner.delete(`/jobs/${dead[0]?.id}`)).status).toBe(204);
    expect((await owner.post('/jobs/retry', { kind: 'run_import' })).body).toEqual({ retried: 0 });
    expect((await owner.post('/jobs/retry', { kind: 'send_mail' })).body).toEqual({ retried: 2 });
    expect((await owner.delete(`/jobs/${dead[1]?.id}`)).status).toBe(409);
    mailServer.onRecipient = async () => undefined;
    await rollcall.rollcall.runDueJobsOnce();
    expect(mailServer.received).toHaveLength(2);
    expect((await owner.get('/jobs')).body.data).toEqual([]);
  });
});

test('a password-reset mail leaves within a second while an import runs and other mails hang', async () => {
  const { mailServer, rollcall, owner } = await start();
  const user = await (async () => {
    await owner.post('/invitations', { email: 'ann@acme.example' });
    await rollcall.rollcall.runDueJobsOnce();
    const token = /\/invite\/(token_\w+)/.exec(mailServer.received[0]?.text ?? '')?.[1];
    await request(rollcall.server)
      .post(`/api/v1/invite/${token}/accept`)
      .send({ password: 'correct battery horse 7' });
    return 'ann@acme.example';
  })();
  const release = new AbortController();
  let hanging = 0;
  mailServer.onRecipient = async (address) => {
    if (address === user) return undefined;
    hanging += 1;
    await delay(15_000, undefined, { signal: release.signal }).catch(() => {});
    return undefined;
  };
  const rows = Array.from({ length: 1_000 }, (_, at) => `row-${at}@acme.example,,readonly,`);
  const csv = `email,name,role,groups\n${rows.join('\n')}\n`;
  const uploaded = await owner.post('/imports').set('Content-Type', 'text/csv').send(csv);
  await owner.post(`/imports/${uploaded.body.id}/confirm`);
  const worker = await rollcall.rollcall.work();
  ends.push(() => worker.stop());
  ends.push(async () => release.abort());
  await until(() => hanging >= 5, 10_000);
  const done = async () => (await owner.get(`/imports/${uploaded.body.id}`)).body.progress.done as number;
  expect(await done()).toBeLessThan(1_000);
  const before = mailServer.received.length;
  await request(rollcall.server).post('/api/v1/auth/password-reset').send({ email: user });
  const began = performance.now();
  await until(() => mailServer.received.length > before, 3_000);
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(await done()).toBeLessThan(1_000);
}, 60_000);

test('a mail server that never greets does not hold up a stop, and keeps its mail in the queue', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  ends.push(async () => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const mail = { smtpUrl: `smtp://127.0.0.1:${port}`, folder: '', from: 'a@b.example' };
  const rollcall = await startRollcall({ now, mail });
  ends.push(() => rollcall.close());
  const owner = await signInAsOwner(rollcall, await rollcall.organization());
  await owner.post('/invitations', { email: 'ann@acme.example' });
  const worker = await rollcall.rollcall.work();
  await until(() => sockets.length > 0, 3_000);
  const began = performance.now();
  await worker.stop();
  expect(performance.now() - began).toBeLessThan(4_000);
  expect((await owner.get('/jobs')).body.data).toMatchObject([{ state: 'waiting', attempts: 0 }]);
});

import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import pino from 'pino';
import request from 'supertest';
import { joins, PASSWORD, signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const HOUR = 3_600_000;
let rollcall: TestRollcall;
let owner: TestUser;
let log = '';
/** The injected clock begins in the past. */
let shift = -7 * 24 * HOUR;

beforeAll(async () => {
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      log += String(chunk);
      done();
    },
  });
  rollcall = await startRollcall({ now: () => new Date(Date.now() + shift), log: pino(sink) });
  owner = await signInAsOwner(rollcall, await rollcall.organization());
});
afterAll(() => rollcall.close());

const bytes = (response: unknown, done: (error: Error | null, body: unknown) => void) => {
  const chunks: Buffer[] = [];
  const stream = response as NodeJS.ReadableStream;
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => done(null, new Uint8Array(Buffer.concat(chunks))));
};
/** As a browser without a session follows it. */
const follow = (url: string) => request(rollcall.server).get(new URL(url).pathname).buffer(true).parse(bytes);
const exportOf = async (viewer: TestUser, user: TestUser) => {
  const password = viewer.id === owner.id ? OWNER_PASSWORD : PASSWORD;
  const { body } = await viewer.post(`/users/${user.id}/export`, { password });
  await rollcall.rollcall.runDueJobsOnce();
  return (await viewer.get(`/exports/${body.id}`)).body as { id: string; downloadUrl: string };
};

describe('an export has a signed link, for 24 hours', () => {
  test('it is null while the zip is made, then opens it without a session', async () => {
    const user = await joins(rollcall, owner);
    const begun = (await owner.post(`/users/${user.id}/export`, { password: OWNER_PASSWORD })).body;
    expect(begun).toMatchObject({ state: 'running', downloadUrl: null });
    await rollcall.rollcall.runDueJobsOnce();
    const { body } = await owner.get(`/exports/${begun.id}`);
    expect(body.downloadUrl).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/api\/v1\/exports\/download\/token_[0-9a-f]+$/,
    );
    const answer = await follow(body.downloadUrl);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/zip']);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    const direct = await owner.get(`/exports/${begun.id}/file`).buffer(true).parse(bytes);
    expect(answer.body).toEqual(direct.body);
    const whole = unzipSync(answer.body as Uint8Array)['person.json'] as Uint8Array;
    expect(JSON.parse(Buffer.from(whole).toString()).account.email).toBe(user.email);
  });

  test('it opens one export: another one has another link, and a changed link opens nothing', async () => {
    const [one, other] = [
      await exportOf(owner, await joins(rollcall, owner, { name: 'Ada Lovelace' })),
      await exportOf(owner, await joins(rollcall, owner, { name: 'Grace Hopper' })),
    ];
    const disposition = (await follow(other.downloadUrl)).headers['content-disposition'];
    const day = new Date(Date.now() + shift).toISOString().slice(0, 10);
    expect(disposition).toBe(`attachment; filename="data-of-grace-hopper-${day}.zip"`);
    const last = one.downloadUrl.at(-1) === '0' ? '1' : '0';
    for (const url of [one.downloadUrl.slice(0, -1) + last, one.downloadUrl.slice(0, -2)]) {
      expect((await follow(url)).status).toBe(404);
    }
  });

  test('it is rejected from its time on, though no one has swept yet', async () => {
    const made = await exportOf(owner, await joins(rollcall, owner));
    shift += 24 * HOUR - 60_000;
    const before = (await follow(made.downloadUrl)).status;
    shift += 60_000;
    const after = (await follow(made.downloadUrl)).status;
    const admin = await signInAsOwner(rollcall, { ownerEmail: owner.email } as TestOrganization);
    const [state, file] = [
      await admin.get(`/exports/${made.id}`),
      await admin.get(`/exports/${made.id}/file`),
    ];
    shift -= 24 * HOUR;
    expect([before, after, state.status, file.status]).toEqual([200, 404, 404, 404]);
  });

  test('one user has one that is being made of a user at a time', async () => {
    const user = await joins(rollcall, owner);
    const [one, two] = [
      await owner.post(`/users/${user.id}/export`, { password: OWNER_PASSWORD }),
      await owner.post(`/users/${user.id}/export`, { password: OWNER_PASSWORD }),
    ];
    expect([one.status, two.status]).toEqual([202, 429]);
    await rollcall.rollcall.runDueJobsOnce();
    expect((await owner.post(`/users/${user.id}/export`, { password: OWNER_PASSWORD })).status).toBe(202);
  });

  test('R89: it is rejected once the user is erased', async () => {
    const user = await joins(rollcall, owner);
    const made = await exportOf(owner, user);
    expect((await follow(made.downloadUrl)).status).toBe(200);
    const erased = await owner.delete(`/users/${user.id}`, { mode: 'hard', password: OWNER_PASSWORD });
    expect(erased.status).toBe(204);
    expect((await follow(made.downloadUrl)).status).toBe(404);
  });

  test('R79: it is rejected once its creator may no longer export', async () => {
    const user = await joins(rollcall, owner);
    const [leaves, loses] = [
      await joins(rollcall, owner, { role: 'admin' }),
      await joins(rollcall, owner, { role: 'admin' }),
    ];
    const made = await exportOf(leaves, user);
    const again = (await loses.get(`/exports/${made.id}`)).body;
    await owner.post(`/users/${leaves.id}/deactivate`, {});
    expect([(await follow(made.downloadUrl)).status, (await follow(again.downloadUrl)).status]).toEqual([
      404, 200,
    ]);
    await owner.post(`/users/${leaves.id}/activate`, {}).expect(200);
    expect((await follow(made.downloadUrl)).status).toBe(404);
    const { impactToken } = (await owner.get(`/users/${loses.id}/role-impact?role=train`)).body;
    await owner.put(`/users/${loses.id}/role`, { role: 'train', impactToken });
    expect((await follow(again.downloadUrl)).status).toBe(404);
  });

  test('everybody has a link to their own', async () => {
    const user = await joins(rollcall, owner);
    const made = await exportOf(user, user);
    expect((await follow(made.downloadUrl)).status).toBe(200);
  });

  test('R18: no part of the link is in the log', async () => {
    const made = await exportOf(owner, await joins(rollcall, owner));
    await follow(made.downloadUrl);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(log).toContain('/api/v1/exports/download/token_…');
    const token = /token_([0-9a-f]+)/.exec(made.downloadUrl)?.[1] ?? 'none';
    for (let at = 0; at + 16 <= token.length; at += 16) expect(log).not.toContain(token.slice(at, at + 16));
  });
});

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { strToU8, unzipSync, type Zippable, zipSync } from 'fflate';
import pino from 'pino';
import { createAuditQueries } from '../../src/audit/queries.ts';
import type { OrgId } from '../../src/directory/ids.ts';
import { findAuthority } from '../../src/directory/roles/find-authority.ts';
import { verifyBundle } from '../../src/history/bundle/verify.ts';
import { createBundleWriter } from '../../src/history/bundle/write.ts';
import { writeZip } from '../../src/history/bundle/zip.ts';
import { createHistory } from '../../src/history/history.ts';
import { bundleJob } from '../../src/history/jobs.ts';
import { kindsByName } from '../../src/platform/jobs/job-kind.ts';
import { runDueJobs } from '../../src/platform/jobs/worker.ts';
import { createSecretBox } from '../../src/platform/secret-box.ts';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const SECRET_KEY = randomBytes(32);

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let jane: TestUser;
let folder: string;
let file: string;
let from: string;
let asOf: string;
let publicKey: string;
let content: Record<string, Uint8Array>;

const lines = (name: string) =>
  Buffer.from(content[name] as Uint8Array)
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** Writes the bundle with some files changed; undefined leaves one out. */
function tampered(name: string, changes: Record<string, string | undefined>): string {
  const files: Zippable = { ...content };
  for (const [changed, text] of Object.entries(changes)) {
    if (text === undefined) delete files[changed];
    else files[changed] = strToU8(text);
  }
  const path = join(folder, name);
  writeFileSync(path, zipSync(files));
  return path;
}
const textOf = (name: string) => Buffer.from(content[name] as Uint8Array).toString('utf8');

/** Reads an answer that is no text. */
function asBuffer(response: unknown, finish: (error: Error | null, body: Buffer) => void): void {
  const stream = response as NodeJS.ReadableStream;
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => finish(null, Buffer.concat(chunks)));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-history-'));
  rollcall = await startRollcall({ secretKey: SECRET_KEY });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  from = new Date().toISOString();
  jane = await joins(rollcall, owner, { name: 'Jane Doe', role: 'train' });
  const { id } = (await owner.post('/groups', { name: 'Engineering', role: 'train' })).body;
  await owner.post(`/groups/${id}/members`, { userIds: [jane.id] });
  await owner.put(`/groups/${id}/grants`, [{ resourceType: 'agent', tag: 'beta', level: 'use' }] as object);
  const body = { role: 'admin', durationMinutes: 60, justification: 'On call for this week.' };
  await owner.post(`/users/${jane.id}/elevations`, body).expect(201);
  await owner.post('/me/api-keys', { name: 'Nightly', scopes: ['users:read'] }).expect(201);
  await rollcall.rollcall.sealEvents();
  await delay(5);
  asOf = new Date().toISOString();
  await delay(5);
  const begun = await owner.post('/history/bundles', { asOf, from }).expect(202);
  expect((await owner.get(`/history/bundles/${begun.body.id}/file`)).status).toBe(404);
  expect((await owner.post('/history/bundles', {})).body.code).toBe('export_running');
  await rollcall.rollcall.runDueJobsOnce();
  const { body: done } = await owner.get(`/history/bundles/${begun.body.id}`).expect(200);
  expect(done.state).toBe('done');
  const answer = await owner
    .get(`/history/bundles/${begun.body.id}/file`)
    .buffer(true)
    .parse(asBuffer)
    .expect(200);
  expect(answer.body.length).toBe(done.bytes);
  file = join(folder, 'bundle.zip');
  writeFileSync(file, answer.body);
  content = unzipSync(answer.body);
  publicKey = (await owner.get('/history/signing-key').expect(200)).body.publicKey;
});
afterAll(async () => {
  await rollcall.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('R151: a bundle for an auditor', () => {
  test('has the state of the moment, the changes of the span, approvals, events and seals', () => {
    expect(
      lines('users.ndjson')
        .map(({ id }) => id)
        .sort(),
    ).toEqual([owner.id, jane.id].sort());
    expect(lines('memberships.ndjson')).toMatchObject([
      { user: 'Jane Doe', name: 'Engineering', sources: ['manual'] },
    ]);
    expect(lines('elevations.ndjson')).toMatchObject([{ userId: jane.id, role: 'admin' }]);
    expect(lines('groups.ndjson')).toMatchObject([{ name: 'Engineering', role: 'train' }]);
    expect(lines('grants.ndjson')).toMatchObject([{ group: 'Engineering', tag: 'beta', level: 'use' }]);
    expect(lines('api-keys.ndjson')).toMatchObject([{ name: 'Nightly' }]);
    expect(lines('connections.ndjson')).toHaveLength(1);
    expect(lines('approvals.ndjson')).toMatchObject([{ userId: jane.id, state: 'active' }]);
    expect(lines('changes.ndjson').flatMap(({ effects }) => effects)).toContain('gained_group');
    expect(lines('events.ndjson').map(({ action }) => action)).toContain('elevation.granted');
    expect(lines('seals.ndjson')).toHaveLength(1);
    expect(textOf('api-keys.ndjson') + textOf('connections.ndjson')).not.toMatch(/hash|sealed|secret/);
  });

  test('verifies without the server, also by sha256sum and openssl', async () => {
    const found = await verifyBundle(file, publicKey);
    expect(found.problems).toEqual([]);
    expect(found.entries).toBe(lines('sealed-entries.ndjson').length);
    expect(found.manifest).toMatchObject({
      asOf,
      from,
      organization: { id: organization.org, name: 'Test' },
    });
    const unpacked = join(folder, 'unpacked');
    mkdirSync(unpacked);
    for (const [name, bytes] of Object.entries(content)) writeFileSync(join(unpacked, name), bytes);
    const run = (command: string, ...args: string[]) =>
      execFileSync(command, args, { cwd: unpacked }).toString();
    expect(run('sha256sum', '-c', 'SHA256SUMS')).toMatch(/users\.ndjson: OK/);
    const signed = ['-in', 'SHA256SUMS', '-sigfile', 'SHA256SUMS.sig'];
    expect(
      run('openssl', 'pkeyutl', '-verify', '-pubin', '-inkey', 'public-key.pem', '-rawin', ...signed),
    ).toContain('Verified Successfully');
  });

  test('names the file that was changed, left out or added, and another key', async () => {
    const changed = tampered('changed.zip', {
      'users.ndjson': textOf('users.ndjson').replace('train', 'admin'),
    });
    expect((await verifyBundle(changed)).problems).toEqual([
      expect.stringMatching(/^users\.ndjson was changed/),
    ]);
    const missing = tampered('missing.zip', { 'grants.ndjson': undefined });
    expect((await verifyBundle(missing)).problems).toEqual([
      expect.stringMatching(/^grants\.ndjson is listed/),
    ]);
    const added = tampered('added.zip', { 'more.ndjson': '{}\n' });
    expect((await verifyBundle(added)).problems).toEqual([
      expect.stringMatching(/^more\.ndjson is not listed/),
    ]);
    const resummed = tampered('resummed.zip', {
      SHA256SUMS: textOf('SHA256SUMS').replace(/^./, (digit) => (digit === 'f' ? '0' : 'f')),
    });
    expect((await verifyBundle(resummed)).problems[0]).toMatch(/^SHA256SUMS is not what was signed/);
    const other = execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519']).toString();
    writeFileSync(join(folder, 'other.pem'), other);
    const otherKey = execFileSync('openssl', [
      'pkey',
      '-in',
      join(folder, 'other.pem'),
      '-pubout',
    ]).toString();
    expect((await verifyBundle(file, otherKey)).problems).toEqual([expect.stringContaining('another key')]);
    writeFileSync(join(folder, 'no.zip'), 'not a zip');
    await expect(verifyBundle(join(folder, 'no.zip'))).rejects.toThrow('no zip');
    writeFileSync(join(folder, 'short.zip'), readFileSync(file).subarray(200));
    expect(
      (await verifyBundle(join(folder, 'short.zip')).catch(({ message }) => ({ problems: [message] })))
        .problems,
    ).not.toEqual([]);
  });

  test('R151: has with an access review whom it looked at, who decided what, and what was before and after', async () => {
    const { body: opening } = await owner.post('/reviews', { title: 'Third quarter' }).expect(202);
    expect((await owner.post('/history/bundles', { reviewId: opening.id })).body.code).toBe('not_open');
    await rollcall.rollcall.tendReviews();
    const items = (await owner.get(`/reviews/${opening.id}/items`).expect(200)).body.data;
    const item = items.find(({ subject }: { subject: { id: string } }) => subject.id === jane.id);
    const decision = { decision: 'change_role', role: 'readonly', note: 'She trains nobody.' };
    await owner.put(`/reviews/${opening.id}/items/${item.id}`, decision).expect(200);

    const begun = await owner.post('/history/bundles', { reviewId: opening.id }).expect(202);
    expect(begun.body).toMatchObject({ state: 'running', reviewId: opening.id });
    await rollcall.rollcall.runDueJobsOnce();
    const answer = await owner.get(`/history/bundles/${begun.body.id}/file`).buffer(true).parse(asBuffer);
    const path = join(folder, 'review.zip');
    writeFileSync(path, answer.body);
    const found = await verifyBundle(path, publicKey);
    expect(found.problems).toEqual([]);
    expect(found.manifest).toMatchObject({ reviewId: opening.id });
    const files = unzipSync(answer.body);
    const rows = (name: string) =>
      Buffer.from(files[name] as Uint8Array)
        .toString('utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    expect(rows('review.ndjson')).toMatchObject([{ id: opening.id, title: 'Third quarter' }]);
    expect(rows('review-items.ndjson')).toHaveLength(items.length);
    expect(rows('review-decisions.ndjson')).toMatchObject([
      {
        subjectId: jane.id,
        decision: 'change_role',
        decidedBy: { id: owner.id },
        note: 'She trains nobody.',
        before: { role: 'train' },
        after: { role: 'readonly' },
      },
    ]);
    const [event] = (await owner.get('/audit?action=history.bundled')).body.data;
    expect(event.sentence).toContain('with the access review Third quarter');
  });

  test('R151: is not made of a review of another organization, nor for who may not export the audit trail', async () => {
    const stranger = await signInAsOwner(rollcall, await rollcall.organization());
    const { body: review } = await owner.post('/reviews', { title: 'Ours' }).expect(202);
    await rollcall.rollcall.tendReviews();
    expect((await stranger.post('/history/bundles', { reviewId: review.id })).status).toBe(404);
    const lead = await joins(rollcall, owner, { role: 'configure' });
    expect((await lead.post('/history/bundles', { reviewId: review.id })).status).toBe(403);
  });

  test('names the seal whose entries were changed, though all digests and the signature are right', async () => {
    const { db } = rollcall.rollcall;
    const seal = createSecretBox({ current: SECRET_KEY, previous: [] });
    const now = () => new Date();
    const audit = createAuditQueries({ db });
    const principal = {
      user: owner.id as never,
      origin: { actor: { type: 'user', id: owner.id as never, via: 'cli' } as const, requestId: 'r' },
      scopes: null,
    };
    const by = await findAuthority(
      db,
      organization.org as OrgId,
      principal,
      'audit:export',
      now().toISOString(),
    );
    if (by === undefined) throw new Error('The owner has no authority.');
    const write = createBundleWriter({ db, seal, now, audit, history: createHistory({ db, now, audit }) });
    await db.search(
      `do $$ begin alter table event_seals disable trigger all; update event_seals set root = sha256('x'); end $$`,
      [],
    );
    const chunks: Uint8Array[] = [];
    for await (const chunk of await write(by, { asOf, from, reviewId: undefined })) chunks.push(chunk);
    const path = join(folder, 'sealed.zip');
    writeFileSync(path, Buffer.concat(chunks));
    const found = await verifyBundle(path, publicKey);
    expect(found.problems).toEqual([expect.stringContaining('the entries of seal 1 are not those')]);
  });

  describe('that cannot be made', () => {
    const pieces = async (id: string) =>
      rollcall.rollcall.db.search('select from history_bundle_pieces where bundle_id = $1', [id]);

    /** Runs the job of bundles with a limit of some bytes instead of 4 GB. */
    async function runWithLimit(mostBytes: number): Promise<void> {
      const { db } = rollcall.rollcall;
      const rows = async function* () {
        for (let n = 0; n < 20_000; n += 1) yield { id: randomBytes(30).toString('hex') };
      };
      const write = async () => writeZip([{ name: 'users', rows: rows() }], new Date(), () => [], mostBytes);
      const kinds = kindsByName([bundleJob({ db, now: () => new Date(), write })]);
      await runDueJobs({ db, kinds, now: () => new Date(), log: pino({ level: 'silent' }) });
    }

    test('R151: is failed and says why once it is larger than a zip holds, takes no room, and another may be made', async () => {
      const { id } = (await owner.post('/history/bundles', {}).expect(202)).body;
      await runWithLimit(1_000_000);
      const { body } = await owner.get(`/history/bundles/${id}`).expect(200);
      expect(body).toMatchObject({
        state: 'failed',
        error: 'A bundle holds at most 4 GB: make one for each part of the span.',
      });
      expect(await pieces(id)).toHaveLength(0);
      const missing = await owner.get(`/history/bundles/${id}/file`);
      expect([missing.status, missing.body.detail]).toEqual([
        404,
        expect.stringContaining('at most 4 GB: make one for each part'),
      ]);
      const again = (await owner.post('/history/bundles', {}).expect(202)).body;
      expect(again.state).toBe('running');
      await rollcall.rollcall.runDueJobsOnce();
      expect((await owner.get(`/history/bundles/${again.id}`)).body).toMatchObject({
        state: 'done',
        error: null,
      });
    });

    test('R151: is running again once its dead job is retried, and failed once it is discarded', async () => {
      const { id } = (await owner.post('/history/bundles', {}).expect(202)).body;
      await runWithLimit(1_000_000);
      await owner.post(`/jobs/${id}/retry`, {}).expect(202);
      expect((await owner.get(`/history/bundles/${id}`)).body.state).toBe('running');
      await runWithLimit(1_000_000);
      await owner.delete(`/jobs/${id}`).expect(204);
      expect((await owner.get(`/history/bundles/${id}`)).body).toMatchObject({
        state: 'failed',
        error: null,
      });
    });
  });
});

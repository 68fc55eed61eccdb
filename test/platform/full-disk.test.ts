import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import request from 'supertest';
import type { Rollcall } from '../../src/app.ts';
import { createOrganization } from '../../src/directory/organizations/create.ts';
import type { HttpServer } from '../../src/http/server.ts';
import { ensurePartitions } from '../../src/maintenance/partitions.ts';
import { migrate } from '../../src/platform/db/migrate.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { serve } from '../../src/serve.ts';

/** A file system of its own, small enough to be filled: only root may mount one. */
function mountSmallDisk(): string | undefined {
  if (userInfo().uid !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256m,mode=0755', 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

const disk = mountSmallDisk();
const where = disk === undefined ? describe.skip : describe;

where(`A full disk${disk === undefined ? ' (skipped: no file system can be mounted here)' : ''}`, () => {
  const folder = disk ?? '';
  const filler = join(folder, 'filler');
  const token = `test_${randomBytes(24).toString('hex')}`;
  const lines: Record<string, unknown>[] = [];
  let postgres: EmbeddedPostgres;
  let rollcall: Rollcall;
  let http: HttpServer;

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    postgres = await startEmbeddedPostgres({ dataDir: folder, settings: { autovacuum: 'off' } });
    await migrate(postgres.url);
    const log = pino(
      { level: 'warn' },
      new Writable({
        write: (chunk, _encoding, done) => {
          lines.push(JSON.parse(String(chunk)) as Record<string, unknown>);
          done();
        },
      }),
    );
    const served = await serve({
      host: '127.0.0.1',
      port: 0,
      databaseUrl: postgres.url,
      log,
      secretKey: randomBytes(32),
      mail: { smtpUrl: undefined, folder: '/nowhere', from: 'a@b.example' },
    });
    rollcall = served.rollcall;
    http = served.server;
    await ensurePartitions(rollcall.db, new Date());
    await createOrganization(
      { db: rollcall.db, now: () => new Date() },
      { actor: { type: 'system', id: 'cli', via: 'cli' }, requestId: 'test' },
      {
        name: 'Test',
        ownerEmail: 'owner@rollcall.example',
        ownerPassword: 'correct battery horse 7',
        connectionName: 'Test',
        strict: false,
        scimToken: token,
      },
    );
  }, 120_000);
  afterAll(async () => {
    await http?.close({ lingerMs: 0, graceMs: 0 });
    await rollcall?.close();
    await postgres?.stop();
    if (disk !== undefined) execFileSync('umount', ['-l', disk], { stdio: 'ignore' });
  });

  const create = (n: number) =>
    request(http.server)
      .post('/scim/v2/Users')
      .set({ Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' })
      .send(
        JSON.stringify({
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
          userName: `full-${n}@example.com`,
          title: randomBytes(5_000).toString('base64'),
        }),
      )
      .buffer(true);

  test('is 503 with its cause in the log, loses nothing that was acknowledged, and has ended when there is room', async () => {
    const acknowledged: number[] = [];
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(filler, Buffer.alloc(bavail * bsize - 3_000_000));
    let refused = 0;
    for (let n = 0; n < 2_000 && refused < 5; n += 1) {
      const answer = await create(n);
      if (answer.status === 201) acknowledged.push(n);
      else {
        expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
        refused += 1;
      }
    }
    expect(refused).toBe(5);
    expect(lines.some(({ database }) => database !== undefined)).toBe(true);
    rmSync(filler);

    let status = 503;
    for (let left = 60; left > 0 && status !== 201; left -= 1) {
      await delay(500);
      ({ status } = await create(1_000 + left));
    }
    expect(status).toBe(201);
    for (const n of acknowledged) {
      const found = await request(http.server)
        .get(
          `/scim/v2/Users?attributes=userName&filter=${encodeURIComponent(`userName eq "full-${n}@example.com"`)}`,
        )
        .set('Authorization', `Bearer ${token}`)
        .buffer(true)
        .parse((response, done) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => {
            text += part;
          });
          response.on('end', () => done(null, JSON.parse(text)));
        });
      expect((found.body as { totalResults: number }).totalResults).toBe(1);
    }
  }, 120_000);
});

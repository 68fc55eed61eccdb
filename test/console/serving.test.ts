import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { OWNER_PASSWORD, startRollcall, type TestRollcall } from '../support/rollcall.ts';

const built = join(process.env['TEST_BUILD'] ?? '', 'console');
let folder: string;
let rollcall: TestRollcall;
let cookie: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-console-'));
  cpSync(built, folder, { recursive: true });
  rollcall = await startRollcall({ consoleFolder: folder });
  const { ownerEmail } = await rollcall.organization();
  const answer = await request(rollcall.server)
    .post('/api/v1/auth/login')
    .send({ email: ownerEmail, password: OWNER_PASSWORD })
    .expect(200);
  cookie = (answer.headers['set-cookie'] as unknown as string[])[0]?.split(';')[0] ?? '';
});
afterAll(async () => {
  await rollcall.close();
  rmSync(folder, { recursive: true });
});

const get = (path: string) => request(rollcall.server).get(path).set('Cookie', cookie);
const asset = (start: RegExp): string =>
  readdirSync(join(folder, 'assets')).find((name) => start.test(name)) ?? '';

test('every path of the console is one page with a policy and a nonce of its own', async () => {
  const [first, second] = [await get('/users/some-id').expect(200), await get('/').expect(200)];
  const nonceOf = ({ text }: { text: string }) => /csp-nonce" content="([^"]+)"/.exec(text)?.[1] ?? '';
  const policy = first.headers['content-security-policy'] ?? '';
  expect(policy).toContain(`style-src 'self' 'nonce-${nonceOf(first)}'`);
  expect(policy).not.toContain('unsafe');
  expect(first.headers['cache-control']).toBe('no-store');
  expect(nonceOf(first)).not.toBe(nonceOf(second));
});

test('a path that is no place of the console stays unknown, and SCIM paths stay SCIM', async () => {
  await get('/nowhere')
    .expect(404)
    .expect('Content-Type', /problem\+json/);
  await get('/Users')
    .expect(404)
    .expect('Content-Type', /scim\+json/);
});

test('files are kept for a year and sent compressed', async () => {
  const name = asset(/^index-.*\.js$/);
  const answer = await get(`/assets/${name}`).set('Accept-Encoding', 'gzip, br').expect(200);
  expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(answer.headers['content-encoding']).toBe('br');
});

test.each(['../index.html', '..%2findex.html', '%2e%2e/%2e%2e/package.json', 'none.js'])(
  'below /assets %s is not found',
  async (path) => {
    await get(`/assets/${path}`).expect(404);
  },
);

test('a file that goes away under the server is not found, and the server goes on', async () => {
  const name = asset(/^components-page-.*\.js$/);
  for (const end of ['', '.br', '.gz']) rmSync(join(folder, 'assets', name + end));
  await get(`/assets/${name}`).set('Accept-Encoding', 'br').expect(404);
  await get('/healthz').expect(200);
});

test('the first page loads at most 230 kB of compressed scripts', async () => {
  const { text } = await get('/').expect(200);
  const scripts = [...text.matchAll(/<(?:script|link)[^>]+(?:src|href)="(\/assets\/[^"]+\.js)"/g)];
  expect(scripts).not.toEqual([]);
  const sizes = await Promise.all(
    scripts.map(async ([, path]) => gzipSync((await get(path as string).responseType('blob')).body).length),
  );
  const home = gzipSync(
    (await get(`/assets/${asset(/^home-page-.*\.js$/)}`).responseType('blob')).body,
  ).length;
  expect(sizes.reduce((sum, size) => sum + size, home)).toBeLessThan(230_000);
});

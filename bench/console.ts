import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { chromium, type Page } from 'playwright-core';
import { migrate } from '../src/platform/db/migrate.ts';
import { packageRoot } from '../src/platform/package-root.ts';
import { serve } from '../src/serve.ts';
import { hashPassword } from '../src/sign-in/passwords.ts';
import { startPostgres } from './postgres.ts';
import { seedOrganization } from './seed.ts';

/**
 * How long an administrator waits in the list of users of the console, in an organization of 1,000,000, in a real
 * browser: `npm run bench:console -- [USERS]`. Milliseconds from the event to the frame that shows what it did.
 */

const USERS = Number(process.argv[2] ?? 1_000_000);
const ROUNDS = 20;
const PASSWORD = randomBytes(12).toString('base64url');

/** Resolves with the time from the next key to the frame after it. */
const WATCH = `window.painted = new Promise((resolve) => {
  addEventListener('keydown', ({ timeStamp }) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(performance.now() - timeStamp);
    port2.postMessage(0);
  }), { capture: true, once: true });
}), 0`;

const SCROLL = `(async () => {
  const list = document.querySelector('table').parentElement;
  const frames = [];
  let last = performance.now();
  for (let frame = 0; frame < 120; frame += 1) {
    list.scrollTop += 240;
    await new Promise(requestAnimationFrame);
    frames.push(performance.now() - last);
    last = performance.now();
  }
  return frames;
})()`;

const TO_THE_END = `document.querySelector('table').parentElement.scrollTop = 1e9`;

function print(what: string, times: number[]): void {
  times.sort((left, right) => left - right);
  const at = (share: number) => (times[Math.floor((times.length - 1) * share)] as number).toFixed(0);
  process.stdout.write(`| ${what} | ${at(0.5)} | ${at(0.95)} | ${at(1)} |\n`);
}

async function pressed(page: Page, key: string): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await page.evaluate(WATCH);
    await page.keyboard.press(key);
    times.push(await page.evaluate('window.painted'));
    await page.waitForTimeout(100);
  }
  return times;
}

/** From an address to its first row. */
async function opened(page: Page, url: string): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const begin = performance.now();
    await page.goto(url);
    await page.locator('tbody a').first().waitFor();
    times.push(performance.now() - begin);
  }
  return times;
}

const postgres = await startPostgres(process.env['BENCH_DATABASE_URL']);
try {
  const url = await postgres.createDatabase('console');
  await migrate(url);
  let shown = -1;
  const { org } = await seedOrganization(url, { users: USERS, groupSizes: [10, 1_000] }, (done) => {
    const tenth = Math.floor(done * 10);
    if (tenth === shown) return;
    shown = tenth;
    process.stderr.write(`${String(tenth * 10).padStart(3)} % making users\n`);
  });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('vacuum (analyze) users');
  await client.query(
    'update user_passwords set hash = $1 where user_id = (select id from users where org_id = $2 and owner)',
    [await hashPassword(PASSWORD), org],
  );
  const { rows } = await client.query('select email from users where org_id = $1 and owner', [org]);
  const { rows: some } = await client.query(
    'select email from users where org_id = $1 and email is not null offset 1000 limit 1',
    [org],
  );
  await client.end();
  const { rollcall, server } = await serve({
    host: '127.0.0.1',
    port: 0,
    databaseUrl: url,
    log: pino({ level: 'silent' }),
    secretKey: randomBytes(32),
    mail: { smtpUrl: undefined, folder: '/nowhere', from: 'bench@example.com' },
    consoleFolder: join(packageRoot(import.meta.url), 'dist', 'console'),
  });
  const base = `http://127.0.0.1:${server.port}`;
  const browser = await chromium.launch({
    executablePath: process.env['TEST_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${base}/sign-in?with=password`);
  await page.getByLabel('Email').fill(rows[0].email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Main' }).waitFor();

  process.stdout.write(`\n${USERS.toLocaleString('en')} users, milliseconds\n\n`);
  process.stdout.write('| what | median | 95 % | slowest |\n|---|---:|---:|---:|\n');
  print('the page Users, from its address to its rows', await opened(page, `${base}/users`));
  print(
    'filtered by role and status',
    await opened(page, `${base}/users?effectiveRole=readonly&status=active`),
  );
  print(
    'a search by address',
    await opened(page, `${base}/users?q=${encodeURIComponent(some[0].email.slice(0, 12))}`),
  );
  await page.goto(`${base}/users`);
  await page.locator('tbody a').first().waitFor();
  for (let round = 0; round < 20; round += 1) {
    await page.evaluate(TO_THE_END);
    await page.waitForTimeout(250);
  }
  await page.evaluate(`document.querySelector('table').parentElement.scrollTop = 0`);
  await page.waitForTimeout(500);
  print('J: the panel beside the list', await pressed(page, 'j'));
  print('X: select a row', await pressed(page, 'x'));
  print('a frame while six rows scroll by in each', await page.evaluate(SCROLL));
  await browser.close();
  await server.close({ lingerMs: 0, graceMs: 0 });
  await rollcall.close();
} finally {
  await postgres.stop();
}

import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { createOrganization } from '../../src/directory/organizations/create.ts';
import { openDatabase } from '../../src/platform/db/database.ts';
import { type ServerUnderTest, startServerUnderTest } from '../support/server-under-test.ts';

/**
 * One organization does its worst; another one's lookups and sign-ins must not feel it. Quiet and loaded figures are
 * of one run on one machine, and only their ratio is judged, with room for a machine that does other things, too.
 */
const USERS = 60_000;
const FACTOR = 3;
const NOISE_MS = 25;

const PASSWORD = 'correct battery horse 7';
const OTHER_TOKEN = 'other_0123456789_0123456789_0123456789_0123456789';

let server: ServerUnderTest;
let email: string;

beforeAll(async () => {
  server = await startServerUnderTest();
  const db = openDatabase({ url: server.databaseUrl });
  const other = await createOrganization(
    { db, now: () => new Date() },
    { actor: { type: 'system', id: 'cli', via: 'cli' }, requestId: 'test' },
    {
      name: 'Other',
      ownerEmail: 'owner@other.example',
      ownerPassword: PASSWORD,
      connectionName: 'Other',
      strict: false,
      scimToken: OTHER_TOKEN,
    },
  );
  email = other.ownerEmail;
  await db.close();
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  await client.query(
    `insert into users (org_id, id, user_name, user_name_key, status, role, source, created_at, updated_at, profile)
     select o.id, gen_random_uuid(), 'user-' || n, 'user-' || n, 'active', 'readonly', 'scim', now(), now(),
       jsonb_build_object('title', 'Engineer no. ' || n, 'name', jsonb_build_object('familyName', 'Doe ' || n))
     from organizations o, generate_series(1, $1::int) n where o.name = 'Test'`,
    [USERS],
  );
  await client.query('analyze users');
  await client.end();
}, 120_000);
afterAll(() => server?.stop());

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
afterAll(() => agent.destroy());

function send(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<{ readonly status: number; readonly ms: number }> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const sent = request(`${server.base}${path}`, { method, agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, ms: performance.now() - start }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const search = (filter: string, token: string) =>
  send('GET', `/scim/v2/Users?filter=${encodeURIComponent(filter)}`, { Authorization: `Bearer ${token}` });
const lookUp = () => search('userName eq "owner@other.example"', OTHER_TOKEN);
const signIn = () =>
  send(
    'POST',
    '/api/v1/auth/login',
    { 'Content-Type': 'application/json' },
    JSON.stringify({ email, password: PASSWORD }),
  );

interface Figures {
  readonly lookUpP99: number;
  readonly signInP50: number;
}

/** What the other organization sees, at an ordinary pace. */
async function measure(): Promise<Figures> {
  const lookUps: number[] = [];
  const signIns: number[] = [];
  for (let n = 0; n < 300; n += 1) {
    const { status, ms } = await lookUp();
    expect(status).toBe(200);
    lookUps.push(ms);
    if (n % 60 !== 0) continue;
    const entered = await signIn();
    expect(entered.status).toBe(200);
    signIns.push(entered.ms);
  }
  const at = (values: number[], part: number) =>
    [...values].sort((one, other) => one - other)[Math.floor(values.length * part)] as number;
  return { lookUpP99: at(lookUps, 0.99), signInP50: at(signIns, 0.5) };
}

/** The other organization's figures while a separate process sends concurrent searches of the first one. */
async function under(filter: string, atOnce: number): Promise<Figures> {
  const url = `${server.base}/scim/v2/Users?filter=${encodeURIComponent(filter)}`;
  const load = spawn(process.execPath, ['test/support/load.mjs', url, server.token, String(atOnce)], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  try {
    await delay(1_500);
    return await measure();
  } finally {
    load.kill('SIGKILL');
  }
}

/** Measures up to four times: what a busy machine does to one of the figures, it does not do each time. */
async function expectFair(name: string, filter: string, atOnce: number): Promise<void> {
  const seen: string[] = [];
  for (let left = 4; left > 0; left -= 1) {
    const quiet = await measure();
    const loaded = await under(filter, atOnce);
    seen.push(JSON.stringify({ quiet, loaded }));
    const fair =
      loaded.lookUpP99 < quiet.lookUpP99 * FACTOR + NOISE_MS &&
      loaded.signInP50 < quiet.signInP50 * FACTOR + NOISE_MS;
    if (fair) return;
  }
  throw new Error(`${name} slows the other organization down, each time: ${seen.join(' ')}`);
}

test('24 concurrent expensive searches of one organization do not slow down another', async () => {
  await expectFair('A search without an index', 'title co "nothing like it"', 24);
}, 120_000);

test('One organization at full speed leaves the other one its pace', async () => {
  await expectFair('Full speed', 'userName eq "user-77"', 32);
}, 120_000);

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Membership } from '../operations.ts';
import { groupId, groupsOfSize, type Population, userBody, userId } from '../population.ts';
import {
  announce,
  databaseUrl,
  fillingUrl,
  forEachNumber,
  listen,
  type ReadRequest,
  readArguments,
  settleDatabase,
} from './child.ts';

/** Better Auth with its SCIM plugin: its handler of requests behind node:http, on a pool of pg. */

/** As much of the packages as is used here. */
interface Pool {
  end(): Promise<void>;
}
interface Auth {
  handler(request: Request): Promise<Response>;
  readonly options: object;
}
interface Packages {
  readonly betterAuth: (options: object) => Auth;
  readonly scim: (options: object) => object;
  readonly getMigrations: (options: object) => Promise<{ runMigrations(): Promise<void> }>;
  readonly Pool: new (options: { connectionString: string }) => Pool;
}

/** It refuses a group of more than 1,000 members. One of 1,000 has room for those that the benchmark adds. */
const MOST_MEMBERS = 800;
const BASE = 'http://127.0.0.1/scim/v2';

const { folder, population } = readArguments();
const token = randomUUID();
const secret = randomUUID() + randomUUID();
const { betterAuth, scim, getMigrations, Pool } = await loadPackages();

async function loadPackages(): Promise<Packages> {
  const { resolve } = createRequire(join(folder, 'package.json'));
  const load = (name: string) => import(pathToFileURL(resolve(name)).href);
  const [auth, plugin, migration, { default: pg }] = await Promise.all(
    ['better-auth', '@better-auth/scim', 'better-auth/db/migration', 'pg'].map(load),
  );
  return { ...auth, ...plugin, ...migration, Pool: pg.Pool };
}

/** @param generateId its own ids if undefined */
function openAuth(pool: Pool, generateId?: (row: { readonly model: string }) => string): Auth {
  return betterAuth({
    database: pool,
    secret,
    baseURL: 'http://127.0.0.1',
    basePath: '/',
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    plugins: [scim({ connections: [{ id: 'bench', credentials: [{ id: 'bench', token }] }] })],
    // By default it reads 100 rows, and neither adds more members than that to a group nor shows more.
    advanced: { database: { defaultFindManyLimit: 1_000, ...(generateId && { generateId }) } },
  });
}

async function ask(auth: Auth, method: string, path: string, body?: string): Promise<string> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' };
  const response = await auth.handler(
    new Request(`${BASE}${path}`, { method, headers, ...(body && { body }) }),
  );
  const text = await response.text();
  if (!response.ok) throw new Error(`Better Auth answers ${response.status} ${text}`);
  return text;
}

async function fill({ users, groupSizes }: Population): Promise<void> {
  /** The id of the user or group that a request makes. */
  const nextId = new AsyncLocalStorage<string>();
  const pool = new Pool({ connectionString: fillingUrl() });
  const auth = openAuth(pool, ({ model }) =>
    model === 'scimUser' || model === 'scimGroup' ? (nextId.getStore() ?? randomUUID()) : randomUUID(),
  );
  await (await getMigrations(auth.options)).runMigrations();
  // The first request writes down the connection, and not twice.
  await ask(auth, 'GET', '/Users?count=1');

  await forEachNumber(users, (number) =>
    nextId.run(userId(number), async () => {
      await ask(auth, 'POST', '/Users', userBody(number));
    }),
  );
  const largest = Math.max(...groupSizes);
  for (const size of groupSizes) {
    for (let number = 0; number < groupsOfSize(size); number += 1) {
      // One after the other: it answers 409 to groups made at once that have members in common.
      await nextId.run(groupId(size, number), () =>
        ask(auth, 'POST', '/Groups', groupBody(size, number, largest)),
      );
    }
  }
  await pool.end();
  await settleDatabase();
}

function groupBody(size: number, number: number, largest: number): string {
  return JSON.stringify({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: `Group of ${size} no. ${number}`,
    members: Array.from({ length: Math.min(size, MOST_MEMBERS) }, (_, user) => ({
      value: userId((number * size + user) % largest),
    })),
  });
}

await fill(population);
const auth = openAuth(new Pool({ connectionString: databaseUrl() }));

async function answer(request: ReadRequest): Promise<{ status: number; body: string }> {
  const { method, url, authorization, contentType, body } = request;
  const headers = { Authorization: authorization, ...(contentType && { 'Content-Type': contentType }) };
  const response = await auth.handler(new Request(url, { method, headers, ...(body && { body }) }));
  return { status: response.status, body: await response.text() };
}

async function isMember({ group, user }: Membership): Promise<boolean> {
  const { members = [] } = JSON.parse(await ask(auth, 'GET', `/Groups/${group}`)) as {
    members?: readonly { readonly value: string }[];
  };
  return members.some(({ value }) => value === user);
}

announce({ port: await listen(answer), token }, isMember);

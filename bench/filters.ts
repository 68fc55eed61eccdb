import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pino from 'pino';
import { migrate } from '../src/platform/db/migrate.ts';
import { packageRoot } from '../src/platform/package-root.ts';
import type { Attribute } from '../src/scim/schema/attribute.ts';
import { readSchemas } from '../src/scim/schema/definition.ts';
import { compileResourceTypes } from '../src/scim/schema/resource-type.ts';
import { serve } from '../src/serve.ts';
import { startPostgres } from './postgres.ts';
import { seedOrganization } from './seed.ts';

/**
 * How long the first page of every filter on one attribute takes, of the core and enterprise schemas, in an
 * organization of 1,000,000 users: `npm run bench:filters`. Times over HTTP, in milliseconds; `tooMany` is what the server refuses
 * to search for (ADR 0039).
 */

const USERS = Number(process.argv[2] ?? 1_000_000);
const ROUNDS = 5;
const GOAL_MS = 100;

/** Every path with a filter of its own: attributes, and sub-attributes of those that have some. */
function* paths(attributes: Iterable<Attribute>, before = ''): Generator<{ path: string; type: string }> {
  for (const attribute of attributes) {
    if (attribute.returned === 'never') continue;
    const path = `${before}${attribute.name}`;
    if (attribute.subAttributes.size === 0) yield { path, type: attribute.type };
    else yield* paths(attribute.subAttributes.values(), `${path}.`);
  }
}

/** What a user has at a path; of several values the first. */
function valueAt(user: unknown, path: string): unknown {
  let value = user;
  for (const name of path.split('.')) {
    if (Array.isArray(value)) [value] = value;
    value = (value as Record<string, unknown> | undefined)?.[name];
  }
  return value;
}

function filtersOf(path: string, type: string, value: unknown): string[] {
  const quoted = (text: unknown) => JSON.stringify(text);
  const given =
    value ?? (type === 'boolean' ? true : type === 'dateTime' ? '2026-01-01T00:00:00Z' : 'no such value');
  const text = String(given);
  if (type === 'boolean') return [`${path} eq ${quoted(given)}`, `${path} pr`];
  if (type === 'dateTime') return [`${path} gt ${quoted(text)}`, `${path} lt ${quoted(text)}`, `${path} pr`];
  return [
    `${path} eq ${quoted(text)}`,
    `${path} ne ${quoted(text)}`,
    `${path} pr`,
    `${path} sw ${quoted(text.slice(0, Math.ceil(text.length * 0.8)))}`,
    `${path} co ${quoted(text.slice(Math.floor(text.length * 0.2), Math.ceil(text.length * 0.9)))}`,
    `${path} ew ${quoted(text.slice(Math.floor(text.length * 0.3)))}`,
  ];
}

const postgres = await startPostgres(process.env['BENCH_DATABASE_URL']);
try {
  const url = await postgres.createDatabase('filters');
  await migrate(url);
  let shown = -1;
  const seeded = await seedOrganization(url, { users: USERS, groupSizes: [10, 1_000, 10_000] }, (done) => {
    const tenth = Math.floor(done * 10);
    if (tenth === shown) return;
    shown = tenth;
    process.stderr.write(`${String(tenth * 10).padStart(3)} % making users\n`);
  });
  const { rollcall, server } = await serve({
    host: '127.0.0.1',
    port: 0,
    databaseUrl: url,
    log: pino({ level: 'silent' }),
    secretKey: randomBytes(32),
    mail: { smtpUrl: undefined, folder: '/nowhere', from: 'bench@example.com' },
  });
  const base = `http://127.0.0.1:${server.port}/scim/v2/Users`;
  const ask = async (query: Record<string, string>) => {
    const answer = await fetch(`${base}?${new URLSearchParams(query)}`, {
      headers: { Authorization: `Bearer ${seeded.token}` },
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const some = await ask({ startIndex: String(Math.floor(USERS / 2)), count: '1' });
  const [user] = some.body['Resources'] as unknown[];
  const { user: type } = compileResourceTypes(
    readSchemas(join(packageRoot(import.meta.url), 'scim-schemas')),
  );
  const all = [
    ...paths(type.attributes.values()),
    ...[...type.extensions.values()].flatMap((extension) => [
      ...paths(extension.attributes.values(), `${extension.urn}:`),
    ]),
  ];
  process.stdout.write(
    `\n${USERS.toLocaleString('en')} users, a page of 100, median and slowest of ${ROUNDS}\n\n`,
  );
  process.stdout.write('| filter | hits | median ms | slowest ms |\n|---|---:|---:|---:|\n');
  let slow = 0;
  let asked = 0;
  for (const { path, type: kind } of all) {
    const [schema, rest] = path.startsWith('urn:') ? splitUrn(path) : [undefined, path];
    const value = valueAt(schema === undefined ? user : (user as Record<string, unknown>)[schema], rest);
    for (const filter of filtersOf(path, kind, value)) {
      const times: number[] = [];
      let outcome = '';
      for (let round = 0; round < ROUNDS; round += 1) {
        const start = performance.now();
        const { status, body } = await ask({ filter, count: '100' });
        times.push(performance.now() - start);
        outcome =
          status === 200 ? Number(body['totalResults']).toLocaleString('en') : String(body['scimType']);
      }
      times.sort((left, right) => left - right);
      const [median, slowest] = [times[Math.floor(ROUNDS / 2)] as number, times.at(-1) as number];
      asked += 1;
      if (median > GOAL_MS) slow += 1;
      process.stdout.write(`| \`${filter}\` | ${outcome} | ${median.toFixed(1)} | ${slowest.toFixed(1)} |\n`);
    }
  }
  process.stdout.write(`\n${asked - slow} of ${asked} within ${GOAL_MS} ms\n`);
  await server.close({ lingerMs: 0, graceMs: 0 });
  await rollcall.close();
} finally {
  await postgres.stop();
}

function splitUrn(path: string): [string, string] {
  const end = path.lastIndexOf(':');
  return [path.slice(0, end), path.slice(end + 1)];
}

import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import request from 'supertest';
import { ensurePartitions } from '../../src/maintenance/partitions.ts';
import { PASSWORD, signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** An identity provider: requests of a real client (exchanges/), with other people in them. */
export interface Provider {
  readonly name: string;
  readonly connection: string;
  send(method: string, path: string, body?: unknown): Promise<{ status: number; body: { id: string } }>;
}

/** An organization whose time is moved. */
export interface World {
  readonly rollcall: TestRollcall;
  readonly organization: TestOrganization;
  readonly okta: Provider;
  readonly entra: Provider;
  /** Signs in anew, since sessions end while time is moved. */
  owner(): Promise<TestUser>;
  /** The present time of the organization, which goes on by itself. */
  now(): Date;
  /** Moves time to an hour of a day of the month; the first day is 0. Never back. */
  moveTo(day: number, hour: number): void;
  /** What the worker does all the time: jobs, detectors, seals, the provisioning log. */
  work(): Promise<void>;
  close(): Promise<void>;
}

/** Starts an organization with two identity providers. Its month ends now, since the command line has no other clock. */
export async function createWorld(secretKey: Buffer): Promise<World> {
  const start = Date.now() - 30 * DAY_MS;
  let offset = -30 * DAY_MS;
  const now = () => new Date(Date.now() + offset);
  const rollcall = await startRollcall({
    secretKey,
    now,
    trustProxy: 1,
    limits: { perOrganization: 1_000_000, perConnection: 1_000_000, invalidPerAddress: 1_000_000 },
  });
  await ensurePartitions(rollcall.rollcall.db, now());
  const organization = await rollcall.organization({ name: 'Contoso', now });
  const owner = await signInAsOwner(rollcall, organization);
  const { body: connection } = await owner.post('/scim/connections', { name: 'Entra' }).expect(201);
  const { body: issued } = await owner
    .post(`/scim/connections/${connection.id}/tokens`, { password: OWNER_PASSWORD })
    .expect(201);
  return {
    rollcall,
    organization,
    okta: providerOf(rollcall, 'Okta', organization.connection, organization.token),
    entra: providerOf(rollcall, 'Entra', connection.id, issued.token),
    owner: () => signInAsOwner(rollcall, organization),
    now,
    moveTo: (day, hour) => {
      const target = start + day * DAY_MS + hour * HOUR_MS;
      if (target < now().getTime()) throw new Error(`Day ${day}, ${hour}:00 is over.`);
      offset = target - Date.now();
    },
    work: async () => {
      await rollcall.rollcall.writeProvisioningLog();
      await rollcall.rollcall.runDueJobsOnce();
      await rollcall.rollcall.watchForAlerts();
      await rollcall.rollcall.sealEvents();
    },
    close: () => rollcall.close(),
  };
}

function providerOf(rollcall: TestRollcall, name: string, connection: string, token: string): Provider {
  return {
    name,
    connection,
    send: async (method, path, body) => {
      const answer = await fetch(`${rollcall.base}${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json; charset=utf-8' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (answer.status >= 400) throw new Error(`${name}: ${method} ${path}: ${answer.status} ${text}`);
      return { status: answer.status, body: text === '' ? { id: '' } : JSON.parse(text) };
    },
  };
}

/** The body of a request in exchanges/, with other values in the places of the original's. */
export function bodyOf(exchange: string, replaced: Readonly<Record<string, string>>): unknown {
  const file = new URL(`../../exchanges/${exchange}.json`, import.meta.url);
  const { request: sent } = JSON.parse(readFileSync(file, 'utf8')) as { request: { body: unknown } };
  let text = JSON.stringify(sent.body);
  for (const [from, to] of Object.entries(replaced)) text = text.replaceAll(from, to);
  return JSON.parse(text);
}

/** A browser at an address. */
export function signInFrom(
  world: World,
  email: string,
  ip: string,
  { password = PASSWORD, browser = 'Firefox/130.0' }: { password?: string; browser?: string } = {},
) {
  return request(world.rollcall.server)
    .post('/api/v1/auth/login')
    .set({
      'X-Forwarded-For': ip,
      'User-Agent': `Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 ${browser}`,
    })
    .send({ email, password });
}

/** Does something for each, some at a time. */
export async function inParallel<Item>(
  items: readonly Item[],
  width: number,
  each: (item: Item, at: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let at = next++; at < items.length; at = next++) await each(items[at] as Item, at);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** What happens next has a later time. */
export const tick = () => delay(5);

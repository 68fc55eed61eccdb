import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import request, { type Test } from 'supertest';
import type { Rollcall } from '../../src/app.ts';
import { createOrganization, type NewOrganization } from '../../src/directory/organizations/create.ts';
import type { RequestLimitOptions } from '../../src/http/rate-limit.ts';
import { ensurePartitions } from '../../src/maintenance/partitions.ts';
import type { Locate } from '../../src/platform/locations/location.ts';
import type { MailerOptions } from '../../src/platform/mailer.ts';
import { serve } from '../../src/serve.ts';
import type { ResolveTxt } from '../../src/sso/administration/domains.ts';
import type { ProviderReader } from '../../src/sso/administration/provider-reader.ts';
import { createDatabase } from './database.ts';

export const OWNER_PASSWORD = 'correct battery horse 7';

export type Json = Record<string, unknown>;

/** An organization of a test, with its connection's token and ways to speak as that connection. */
export interface TestOrganization {
  readonly org: string;
  readonly connection: string;
  readonly token: string;
  /** Signs in with `OWNER_PASSWORD`. */
  readonly ownerEmail: string;
  /** A request with the token and SCIM's content type; a string body is sent as it is. */
  scim(method: string, path: string, body?: unknown, headers?: Record<string, string>): Test;
}

/** A Rollcall on a database of its own, listening on loopback. */
export interface TestRollcall {
  readonly rollcall: Rollcall;
  readonly server: Server;
  readonly base: string;
  readonly databaseUrl: string;
  /** Where mails go without `mail`. */
  readonly outbox: string;
  organization(options?: { strict?: boolean; name?: string; now?: () => Date }): Promise<TestOrganization>;
  close(): Promise<void>;
}

/** Starts one; `close` it in afterAll. */
export async function startRollcall(
  options: {
    now?: () => Date;
    schemaFolder?: string;
    /** For tests with clients of several networks, named in X-Forwarded-For. */
    trustProxy?: number;
    mail?: MailerOptions;
    allowPrivateWebhooks?: boolean;
    allowPrivateProviders?: boolean;
    providers?: ProviderReader;
    resolveTxt?: ResolveTxt;
    limits?: RequestLimitOptions;
    /** Where addresses are; unknown by default. */
    locate?: Locate;
    /** The log is discarded by default. */
    log?: pino.Logger;
    /** Where the built console is. */
    consoleFolder?: string;
    /** For a process of its own that works on the same database. */
    secretKey?: Buffer;
  } = {},
): Promise<TestRollcall> {
  const database = await createDatabase();
  const outbox = await mkdtemp(join(tmpdir(), 'rollcall-outbox-'));
  const { rollcall, server: http } = await serve({
    host: '127.0.0.1',
    port: 0,
    databaseUrl: database.url,
    log: pino({ level: 'silent' }),
    secretKey: randomBytes(32),
    onUndeclaredAnswer: (message) => {
      throw new Error(message);
    },
    mail: { smtpUrl: undefined, folder: outbox, from: 'Rollcall <no-reply@rollcall.example>' },
    ...options,
  });
  await ensurePartitions(rollcall.db, new Date());
  const { server } = http;

  return {
    rollcall,
    server,
    base: `http://127.0.0.1:${http.port}/scim/v2`,
    databaseUrl: database.url,
    outbox,
    organization: async ({ strict = false, name = 'Test', now = () => new Date() } = {}) =>
      speakAs(
        server,
        await createOrganization(
          { db: rollcall.db, now },
          { actor: { type: 'system', id: 'cli', via: 'cli' }, requestId: 'test' },
          {
            name,
            ownerEmail: `owner-${randomBytes(4).toString('hex')}@rollcall.example`,
            ownerPassword: OWNER_PASSWORD,
            connectionName: 'Test',
            strict,
            scimToken: undefined,
          },
        ),
      ),
    close: async () => {
      await http.close({ lingerMs: 0, graceMs: 0 });
      await rollcall.close();
      await database.drop();
      await rm(outbox, { recursive: true, force: true });
    },
  };
}

function speakAs(
  server: Server,
  { org, connection, madeUpToken, ownerEmail }: NewOrganization,
): TestOrganization {
  const token = madeUpToken as string;
  return {
    org,
    connection,
    token,
    ownerEmail,
    scim: (method, path, body, headers = {}) => {
      const verb = method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
      const sent = request(server)
        [verb](`/scim/v2${path}`)
        .set({ Authorization: `Bearer ${token}`, ...headers })
        .buffer(true)
        .parse(parseText);
      if (body === undefined) return sent;
      return sent
        .set({ 'Content-Type': 'application/scim+json', ...headers })
        .send(typeof body === 'string' ? body : JSON.stringify(body));
    },
  };
}

/** SCIM's content type is not one that supertest parses by itself. */
function parseText(response: request.Response, done: (error: Error | null, body: unknown) => void): void {
  const stream = response as unknown as NodeJS.ReadableStream;
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    const text = Buffer.concat(chunks).toString('utf8');
    try {
      done(null, text === '' ? {} : JSON.parse(text));
    } catch {
      done(null, text);
    }
  });
}

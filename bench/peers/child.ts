import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import type { Membership } from '../operations.ts';
import type { Population } from '../population.ts';

/** What the processes of peers have in common: how they are started, asked and filled. */

/** Arguments of a peer's script: where its packages are, and the people whom it is to hold. */
export interface ChildArguments {
  readonly folder: string;
  readonly population: Population;
}

/** The first message of a peer's process, when it can be asked. */
export interface Ready {
  readonly port: number;
  /** The bearer token that requests must carry; undefined for a peer that checks none. */
  readonly token?: string;
}

/** Answers whether a group has a member, for a parent that cannot learn it otherwise. */
export type MembershipAnswer = { readonly isMember: boolean };

export function readArguments(): ChildArguments {
  process.on('disconnect', () => process.exit(0));
  const [folder = '', users = '0', sizes = ''] = process.argv.slice(2);
  return { folder, population: { users: Number(users), groupSizes: sizes.split(',').map(Number) } };
}

/** The URL of the peer's own database. */
export function databaseUrl(): string {
  return process.env['DATABASE_URL'] ?? '';
}

/** The URL with which to fill the database: nothing waits for the disk. */
export function fillingUrl(): string {
  const url = new URL(databaseUrl());
  url.searchParams.set('options', '-c synchronous_commit=off');
  return url.href.replaceAll('+', '%20');
}

/** Leaves Postgres no housekeeping for what was filled in, which would disturb what is measured. */
export async function settleDatabase(): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl() });
  await client.connect();
  await client.query('vacuum analyze');
  await client.end();
}

/** Does something for each number from 0, a few at once. */
export async function forEachNumber(count: number, run: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async () => {
    for (let number = next++; number < count; number = next++) await run(number);
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

/** Says that the peer can be asked, and answers questions about memberships from then on. */
export function announce(ready: Ready, isMember: (membership: Membership) => Promise<boolean>): void {
  process.on('message', (message) => {
    const answer = async (): Promise<MembershipAnswer> => ({
      isMember: await isMember(message as Membership),
    });
    void answer().then((answer) => process.send?.(answer));
  });
  process.send?.(ready);
}

/** A request whose body was read. */
export interface ReadRequest {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string;
  readonly contentType: string;
  /** An empty string for a request without a body. */
  readonly body: string;
}

/** Serves SCIM over node:http. @returns its port */
export async function listen(
  answer: (request: ReadRequest) => Promise<{ readonly status: number; readonly body: string }>,
): Promise<number> {
  const server = createServer((request, response) => {
    void readRequest(request)
      .then(answer)
      .catch((error: unknown) => ({ status: 500, body: String(error) }))
      .then(({ status, body }) => {
        const length = Buffer.byteLength(body);
        response.writeHead(status, { 'Content-Type': 'application/scim+json', 'Content-Length': length });
        response.end(body);
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return keepConnections(server);
}

/** Keeps connections open while memberships are prepared between two slices. @returns the server's port */
export function keepConnections(server: Server): number {
  server.keepAliveTimeout = 0;
  return (server.address() as AddressInfo).port;
}

async function readRequest(request: IncomingMessage): Promise<ReadRequest> {
  const { method = 'GET', headers } = request;
  return {
    method,
    url: new URL(request.url ?? '/', `http://${headers.host}`),
    authorization: headers.authorization ?? '',
    contentType: headers['content-type'] ?? '',
    body: method === 'GET' ? '' : await text(request),
  };
}

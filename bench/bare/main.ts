import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { uuidv7 } from '../../src/platform/ids.ts';
import type { OperationKind } from '../operations.ts';
import {
  addMember,
  createUser,
  listUsers,
  lookUpUser,
  readUser,
  removeMember,
  setStatus,
} from './statements.ts';

/**
 * Bare: what a request costs on node:http and Postgres at the least. It checks neither the
 * token nor the body, runs one named statement on a pipelined connection, and answers with the bytes that it was given as a template.
 */

/** What the load generator tells it before it asks. */
export interface BareOrders {
  readonly org: string;
  readonly connection: string;
  /** The bodies with which the server answers. */
  readonly templates: Readonly<Partial<Record<OperationKind, string>>>;
}

/** Pipelined connections: as many as the server has. */
const CONNECTIONS = Number(process.env['BARE_CONNECTIONS'] ?? 8);
const BASE = '/scim/v2';

const templates = new Map<string, Buffer>();
let [org, connection, actor] = ['', '', ''];

const clients = await Promise.all(
  Array.from({ length: CONNECTIONS }, async () => {
    const client = new pg.Client({ connectionString: process.env['DATABASE_URL'], pipeline: true });
    await client.connect();
    return client;
  }),
);
let turn = 0;

function query(statement: { name: string; text: string }, values: unknown[]): Promise<unknown> {
  turn = (turn + 1) % CONNECTIONS;
  return (clients[turn] as pg.Client).query({ ...statement, values });
}

function answer(response: ServerResponse, status: number, kind: OperationKind): void {
  const body = templates.get(kind) ?? Buffer.alloc(0);
  response
    .writeHead(status, {
      'Content-Type': 'application/scim+json; charset=utf-8',
      'Content-Length': body.length,
    })
    .end(body);
}

function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
    request.on('error', reject);
  });
}

const context = () => `{"requestId":"${randomUUID()}"}`;

async function read(response: ServerResponse, id: string): Promise<void> {
  await query(readUser, [org, connection, id]);
  answer(response, 200, 'read');
}

async function listOrLookUp(url: string, response: ServerResponse): Promise<void> {
  const filter = /filter=userName%20eq%20%22([^%]+)%22/.exec(url);
  if (filter === null) {
    await query(listUsers, [org, connection]);
    answer(response, 200, 'list');
  } else {
    await query(lookUpUser, [org, connection, filter[1]?.toLowerCase()]);
    answer(response, 200, 'lookup');
  }
}

async function create(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { schemas: _, userName, active: __, externalId, ...profile } = await bodyOf(request);
  const email = (profile['emails'] as { value: string }[])[0]?.value;
  await query(createUser, [
    org,
    uuidv7(),
    userName,
    email,
    profile['displayName'],
    JSON.stringify(profile),
    connection,
    externalId,
    new Date().toISOString(),
    uuidv7(),
    actor,
    context(),
  ]);
  answer(response, 201, 'create');
}

async function patchUser(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
  const { Operations: operations } = await bodyOf(request);
  const active = (operations as { value: string }[])[0]?.value === 'True';
  const [before, after] = active ? ['inactive', 'active'] : ['active', 'inactive'];
  await query(setStatus, [
    org,
    connection,
    id,
    after,
    new Date().toISOString(),
    uuidv7(),
    actor,
    context(),
    active ? 'user.activated' : 'user.deactivated',
    `{"values":{"status":["${before}","${after}"]}}`,
  ]);
  answer(response, 200, 'patch');
}

async function patchGroup(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
  const { Operations: operations } = await bodyOf(request);
  const [{ path, value } = { path: '', value: undefined }] = operations as {
    path: string;
    value?: { value: string }[];
  }[];
  const [statement, member] =
    value === undefined ? [removeMember, path.split('"')[1]] : [addMember, value[0]?.value];
  await query(statement, [org, id, member, new Date().toISOString(), uuidv7(), actor, context()]);
  response.writeHead(204).end();
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = '', method } = request;
  const [, kind = '', id = ''] = url.slice(BASE.length).split('/');
  if (method === 'GET') return id === '' ? listOrLookUp(url, response) : read(response, id);
  if (method === 'POST') return create(request, response);
  return kind === 'Users' ? patchUser(request, response, id) : patchGroup(request, response, id);
}

process.on('message', (orders: BareOrders) => {
  ({ org, connection } = orders);
  actor = JSON.stringify({ type: 'connection', id: connection, via: 'scim' });
  for (const [kind, text] of Object.entries(orders.templates)) templates.set(kind, Buffer.from(text));
  process.send?.({ ready: true });
});
process.on('disconnect', () => process.exit(0));

const server = createServer((request, response) => {
  respond(request, response).catch(() => response.writeHead(500, { 'Content-Length': 0 }).end());
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
// As the server: a connection outlasts the turns of the other one.
server.keepAliveTimeout = 65_000;

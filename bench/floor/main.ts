import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import pg from 'pg';
import { uuidv7 } from '../../src/platform/ids.ts';
import type { OperationKind } from '../operations.ts';
import { addMember, createUser, listUsers, lookUpUser, readUser, setStatus } from './statements.ts';

/**
 * The floor: what a request costs on Express 5 and Postgres at the least. It does not authenticate or validate,
 * runs one named statement, and answers with the bytes that it was given as a template.
 */

/** What the load generator tells it before it asks. */
export interface FloorOrders {
  readonly org: string;
  readonly connection: string;
  /** The bodies with which the server answers. */
  readonly templates: Readonly<Partial<Record<OperationKind, string>>>;
}

type Handle = (request: IncomingMessage, response: ServerResponse, id: string) => Promise<void>;

/** Pipelined connections: as many as the server has. */
const CONNECTIONS = Number(process.env['FLOOR_CONNECTIONS'] ?? 8);
const HEADERS = { 'Content-Type': 'application/scim+json; charset=utf-8' };

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
  response.writeHead(status, { ...HEADERS, 'Content-Length': body.length }).end(body);
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

const read: Handle = async (_request, response, id) => {
  await query(readUser, [org, connection, id]);
  answer(response, 200, 'read');
};

const listOrLookUp: Handle = async (request, response) => {
  const filter = /filter=userName%20eq%20%22([^%]+)%22/.exec(request.url ?? '');
  if (filter === null) {
    await query(listUsers, [org, connection]);
    answer(response, 200, 'list');
  } else {
    await query(lookUpUser, [org, connection, filter[1]?.toLowerCase()]);
    answer(response, 200, 'lookup');
  }
};

const create: Handle = async (request, response) => {
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
};

const patchUser: Handle = async (request, response, id) => {
  const { Operations: operations } = await bodyOf(request);
  const active = (operations as { value: string }[])[0]?.value === 'True';
  const [before, after] = active ? ['inactive', 'active'] : ['active', 'inactive'];
  await query(setStatus, [
    org,
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
};

const patchGroup: Handle = async (request, response, id) => {
  const { Operations: operations } = await bodyOf(request);
  const member = (operations as { value: { value: string }[] }[])[0]?.value[0]?.value;
  await query(addMember, [org, id, member, new Date().toISOString(), uuidv7(), actor, context()]);
  response.writeHead(204).end();
};

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.set('query parser', false);
app.get('/scim/v2/Users/:id', (request, response) => read(request, response, request.params.id));
app.get('/scim/v2/Users', (request, response) => listOrLookUp(request, response, ''));
app.post('/scim/v2/Users', (request, response) => create(request, response, ''));
app.patch('/scim/v2/Users/:id', (request, response) => patchUser(request, response, request.params.id));
app.patch('/scim/v2/Groups/:id', (request, response) => patchGroup(request, response, request.params.id));

process.on('message', (orders: FloorOrders) => {
  ({ org, connection } = orders);
  actor = JSON.stringify({ type: 'connection', id: connection, via: 'scim' });
  for (const [kind, text] of Object.entries(orders.templates)) templates.set(kind, Buffer.from(text));
  process.send?.({ ready: true });
});
process.on('disconnect', () => process.exit(0));

const listener = app.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (listener.address() as AddressInfo).port });
});
// As the server: a connection outlasts the turns of the other one.
listener.keepAliveTimeout = 65_000;

import { Agent, request as send } from 'node:http';
import { NUMBER, numbered, USER_NAME, userBody } from './population.ts';
import type { Site } from './site.ts';

/** The first synchronization of a directory, as one identity provider pushes it. */
export interface Sync {
  readonly as: string;
  readonly users: number;
  readonly groups: number;
  readonly memberships: number;
  readonly requests: number;
  readonly seconds: number;
  /** Microseconds of the server's processor time. */
  readonly cpu: number | undefined;
  /** MiB. */
  readonly peakMemory: number;
}

interface Provider {
  readonly name: string;
  /** Members in one PATCH. */
  readonly membersAtOnce: number;
  readonly userLookup: (userName: string) => string;
  readonly groupLookup: (displayName: string) => string;
}

const providers: readonly Provider[] = [
  {
    name: 'Okta',
    membersAtOnce: 100,
    userLookup: (name) => `/Users?filter=userName%20eq%20%22${name}%22&startIndex=1&count=100`,
    groupLookup: (name) => `/Groups?filter=displayName%20eq%20%22${name}%22&startIndex=1&count=100`,
  },
  {
    name: 'Entra ID',
    membersAtOnce: 1,
    userLookup: (name) => `/Users?filter=userName+eq+%22${name}%22`,
    groupLookup: (name) => `/Groups?excludedAttributes=members&filter=displayName+eq+%22${name}%22`,
  },
];

/** Requests that a provider has under way. */
const AT_ONCE = 10;
const USERS_PER_GROUP = 100;
const GROUPS_PER_USER = 5;
const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';

/** Pushes a directory of so many users into an empty organization, once as each provider does it. */
export async function synchronize(users: number, open: (name: string) => Promise<Site>): Promise<Sync[]> {
  const syncs: Sync[] = [];
  for (const provider of providers) syncs.push(await push(provider, users, await open(provider.name)));
  return syncs;
}

async function push(provider: Provider, users: number, { server, organization }: Site): Promise<Sync> {
  const client = createClient(server.port, organization.token);
  const before = server.cpuTime();
  const start = performance.now();
  const ids = await eachOf(users, async (n) => {
    await client.ask('GET', provider.userLookup(numbered(USER_NAME, n)));
    return client.ask('POST', '/Users', userBody(n));
  });
  const groups = Math.max(1, Math.floor(users / USERS_PER_GROUP));
  const groupIds = await eachOf(groups, async (n) => {
    const displayName = numbered(`Team-${NUMBER}`, n);
    await client.ask('GET', provider.groupLookup(displayName));
    return client.ask('POST', '/Groups', JSON.stringify({ schemas: [GROUP_SCHEMA], displayName }));
  });
  const patches = groupIds.flatMap((group, n) => {
    const members = Array.from(
      { length: Math.min(users, USERS_PER_GROUP * GROUPS_PER_USER) },
      (_, at) => ids[(n * USERS_PER_GROUP + at) % users],
    );
    return batches(members, provider.membersAtOnce).map((batch) => ({ group, batch }));
  });
  await eachOf(patches.length, (n) => {
    const { group = '', batch = [] } = patches[n] ?? {};
    const value = batch.map((id) => ({ value: id }));
    const body = { schemas: [PATCH_SCHEMA], Operations: [{ op: 'Add', path: 'members', value }] };
    return client.ask('PATCH', `/Groups/${group}`, JSON.stringify(body));
  });
  const seconds = (performance.now() - start) / 1_000;
  const after = server.cpuTime();
  client.close();
  return {
    as: provider.name,
    users,
    groups,
    memberships: patches.reduce((sum, { batch }) => sum + batch.length, 0),
    requests: client.asked(),
    seconds,
    cpu: before === undefined || after === undefined ? undefined : after - before,
    peakMemory: server.peakMemory(),
  };
}

/** Does something for each number below `count`, several at once. */
async function eachOf<Result>(count: number, work: (n: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const n = next++;
      results[n] = await work(n);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

function batches<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) =>
    items.slice(n * size, (n + 1) * size),
  );
}

interface Client {
  /** @returns the id of the resource in the answer, if there is one. @throws Error for a status other than 2xx */
  ask(method: string, path: string, body?: string): Promise<string>;
  asked(): number;
  close(): void;
}

function createClient(port: number, token: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  let asked = 0;
  return {
    asked: () => asked,
    close: () => agent.destroy(),
    ask: (method, path, body) =>
      new Promise((resolve, reject) => {
        asked += 1;
        const headers = {
          Authorization: `Bearer ${token}`,
          ...(body === undefined
            ? {}
            : { 'Content-Type': 'application/scim+json', 'Content-Length': body.length }),
        };
        const options = { host: '127.0.0.1', port, agent, method, path: `/scim/v2${path}`, headers };
        const request = send(options, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            if (response.statusCode === undefined || response.statusCode >= 300) {
              reject(new Error(`${method} ${path} answers ${response.statusCode} ${text.slice(0, 300)}`));
            } else resolve(text === '' ? '' : ((JSON.parse(text) as { id?: string }).id ?? ''));
          });
        });
        request.on('error', reject);
        request.end(body);
      }),
  };
}

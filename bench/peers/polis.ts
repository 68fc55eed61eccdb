import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Membership } from '../operations.ts';
import {
  groupId,
  groupsOfSize,
  numbered,
  type Population,
  USER_NAME,
  userBody,
  userId,
} from '../population.ts';
import {
  announce,
  databaseUrl,
  forEachNumber,
  listen,
  type ReadRequest,
  readArguments,
  settleDatabase,
} from './child.ts';

/**
 * Polis as a library: its handler of directory requests behind node:http. It finds a userName among the e-mail
 * addresses of users, so the people whom it is filled with have their userName as address.
 */

/** As much of the package as is used here. */
interface Directory {
  readonly id: string;
  readonly scim: { readonly secret: string };
}
interface OfTenant<Store> {
  setTenantAndProduct(tenant: string, product: string): Store;
}
interface Users extends OfTenant<Users> {
  create(user: object): Promise<Outcome>;
}
interface Groups extends OfTenant<Groups> {
  create(group: object): Promise<Outcome>;
  addUserToGroup(group: string, user: string): Promise<void>;
  isUserInGroup(group: string, user: string): Promise<boolean>;
}
interface Outcome {
  readonly error: { readonly message: string } | null;
}
interface Polis {
  readonly directorySyncController: {
    readonly users: Users;
    readonly groups: Groups;
    readonly directories: { create(directory: object): Promise<{ readonly data: Directory }> };
    readonly requests: {
      handle(request: object): Promise<{ readonly status: number; readonly data?: object }>;
    };
  };
}

const TENANT = ['bench.example', 'bench'] as const;

const { folder, population } = readArguments();
const load = createRequire(join(folder, 'package.json'));
const { controllers } = load('@boxyhq/saml-jackson') as { controllers(options: object): Promise<Polis> };

// It has one database in a process, whatever it is started with: it is filled as it is served.
const { directorySyncController: sync } = await controllers({
  externalUrl: 'http://127.0.0.1',
  samlPath: '/saml',
  noAnalytics: true,
  db: { engine: 'sql', type: 'postgres', url: databaseUrl() },
  // Where an application would hear of changes.
  dsync: { callback: async () => undefined },
  logger: { info: () => undefined, warn: () => undefined },
});

async function fill({ users: userCount, groupSizes }: Population): Promise<Directory> {
  const { users, groups, directories } = sync;
  const [tenant, product] = TENANT;
  const { data: directory } = await directories.create({ tenant, product, type: 'azure-scim-v2' });
  const { id: directoryId } = directory;
  users.setTenantAndProduct(tenant, product);
  groups.setTenantAndProduct(tenant, product);

  await forEachNumber(userCount, async (number) => {
    const id = userId(number);
    const email = numbered(USER_NAME, number);
    const raw = { ...(JSON.parse(userBody(number)) as object), id };
    const names = { first_name: 'Adele', last_name: 'Vance' };
    requireNoError(await users.create({ id, directoryId, email, ...names, active: true, raw }));
  });
  const largest = Math.max(...groupSizes);
  for (const size of groupSizes) {
    await forEachNumber(groupsOfSize(size), async (number) => {
      const id = groupId(size, number);
      const name = `Group of ${size} no. ${number}`;
      requireNoError(await groups.create({ id, directoryId, name, raw: { displayName: name, members: [] } }));
      for (let user = 0; user < size; user += 1) {
        await groups.addUserToGroup(id, userId((number * size + user) % largest));
      }
    });
  }
  await settleDatabase();
  return directory;
}

function requireNoError({ error }: Outcome): void {
  if (error !== null) throw new Error(error.message);
}

const directory = await fill(population);

async function answer({
  method,
  url,
  authorization,
  body,
}: ReadRequest): Promise<{ status: number; body: string }> {
  const [, , , resourceType = '', resourceId] = url.pathname.split('/');
  const { status, data } = await sync.requests.handle({
    method,
    directoryId: directory.id,
    apiSecret: authorization.slice('Bearer '.length),
    resourceType,
    resourceId,
    body: body === '' ? undefined : JSON.parse(body),
    query: {
      count: numberOf(url, 'count'),
      startIndex: numberOf(url, 'startIndex'),
      filter: url.searchParams.get('filter') ?? undefined,
    },
  });
  return { status, body: JSON.stringify(data ?? {}) };
}

function numberOf({ searchParams }: URL, name: string): number | undefined {
  const text = searchParams.get(name);
  return text === null ? undefined : Number(text);
}

const isMember = ({ group, user }: Membership) => {
  sync.groups.setTenantAndProduct(...TENANT);
  return sync.groups.isUserInGroup(group, user);
};

announce({ port: await listen(answer), token: directory.scim.secret }, isMember);

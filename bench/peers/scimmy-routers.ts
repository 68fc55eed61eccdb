import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Express, RequestHandler } from 'express';
import { groupId, groupsOfSize, userBody, userId } from '../population.ts';
import { announce, keepConnections, readArguments } from './child.ts';

/** A server on scimmy-routers whose store is a Map in memory, indexed by userName. */

/** As much of the packages as is used here. */
interface Resource {
  readonly id?: string;
  readonly filter?: readonly { readonly userName?: readonly [comparator: string, value: string] }[];
}
type Stored = Record<string, unknown> & { id: string };
interface ResourceClass {
  extend(schema: unknown, required: boolean): ResourceClass;
  ingress(handler: (resource: Resource, data: object) => Stored): ResourceClass;
  egress(handler: (resource: Resource) => Stored | Stored[]): ResourceClass;
}
interface Scimmy {
  readonly Resources: {
    declare(resource: ResourceClass): ResourceClass;
    readonly User: ResourceClass;
    readonly Group: ResourceClass;
  };
  readonly Schemas: { readonly EnterpriseUser: unknown };
}

const { folder, population } = readArguments();
const load = createRequire(join(folder, 'package.json'));
const express = load('express') as () => Express;
const { default: Routers, SCIMMY } = load('scimmy-routers') as {
  default: new (scheme: object) => RequestHandler;
  SCIMMY: Scimmy;
};

const people = new Map<string, Stored>();
const byName = new Map<string, Stored>();
const groups = new Map<string, Stored>();
let made = 0;

function keepUser(user: Stored): Stored {
  people.set(user.id, user);
  byName.set(String(user['userName']).toLowerCase(), user);
  return user;
}

SCIMMY.Resources.declare(SCIMMY.Resources.User)
  .extend(SCIMMY.Schemas.EnterpriseUser, false)
  .ingress(({ id }, data) => {
    made += 1;
    return keepUser({ ...plain(data), id: id ?? `made-${made}` });
  })
  .egress(({ id, filter }) => {
    if (id !== undefined) return known(people, id);
    const [, name] = filter?.[0]?.userName ?? [];
    if (name === undefined) return [...people.values()];
    const found = byName.get(name.toLowerCase());
    return found === undefined ? [] : [found];
  });
SCIMMY.Resources.declare(SCIMMY.Resources.Group)
  .ingress(({ id = '' }, data) => {
    const group = { ...plain(data), id };
    groups.set(id, group);
    return group;
  })
  .egress(({ id }) => (id === undefined ? [...groups.values()] : known(groups, id)));

function known(store: ReadonlyMap<string, Stored>, id: string): Stored {
  const found = store.get(id);
  if (found === undefined) throw new Error('Not there.');
  return found;
}

/** What scimmy hands over holds its own objects; a store would keep data. */
function plain(data: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(data)) as Record<string, unknown>;
}

for (let number = 0; number < population.users; number += 1) {
  keepUser({ ...JSON.parse(userBody(number)), id: userId(number) });
}
const largest = Math.max(...population.groupSizes);
for (const size of population.groupSizes) {
  for (let number = 0; number < groupsOfSize(size); number += 1) {
    const members = Array.from({ length: size }, (_, user) => ({
      value: userId((number * size + user) % largest),
    }));
    const id = groupId(size, number);
    groups.set(id, { id, displayName: `Group of ${size} no. ${number}`, members });
  }
}

const app = express();
app.use('/scim/v2', new Routers({ type: 'bearer', handler: () => '', baseUri: () => '' }));
const listener = app.listen(0, '127.0.0.1', () => {
  announce({ port: keepConnections(listener) }, async ({ group, user }) => {
    const members = groups.get(group)?.['members'] as readonly { readonly value: string }[] | undefined;
    return members?.some(({ value }) => value === user) === true;
  });
});

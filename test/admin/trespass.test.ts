import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { declaredRoutes } from '../../src/api-description.ts';
import { PERMISSIONS, type Permission } from '../../src/directory/roles/rules/permissions.ts';
import type { EntityKind, Route } from '../../src/rest/route.ts';
import { anonymous, joins, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';
import { examples, makers } from './examples.ts';

/** Generated from the route table: every declared route has these tests. */
const routes: readonly Route[] = declaredRoutes();
const guarded = routes.filter(({ access }) => access !== 'public');
const kinds = new Set(routes.flatMap(({ params = {} }) => Object.values(params)));
const keyOf = ({ method, path }: Route) => `${method} ${path}`;

let rollcall: TestRollcall;
let owner: TestUser;
let reader: TestUser;
let stranger: TestUser;
let strangeReader: TestUser;
let entities: Map<EntityKind, string>;

beforeAll(async () => {
  // Wrong keys from one address are limited: each comes from another one.
  rollcall = await startRollcall({ trustProxy: 1 });
  owner = await signInAsOwner(rollcall, await rollcall.organization({ name: 'Ours' }));
  reader = await joins(rollcall, owner);
  stranger = await signInAsOwner(rollcall, await rollcall.organization({ name: 'Theirs' }));
  strangeReader = await joins(rollcall, stranger);
  entities = new Map();
  for (const kind of kinds) entities.set(kind, await makers[kind](owner, rollcall));
});
afterAll(() => rollcall.close());

function ask(who: TestUser, route: Route, key = keyOf(route)) {
  const { query = '', body } = examples[key] ?? {};
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const kind = route.params?.[name];
    return kind === undefined ? 'nothing' : (entities.get(kind) as string);
  });
  const verb = route.method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
  return verb === 'get'
    ? who.get(path + query)
    : who[verb](path + query, body ?? (route.body ? {} : undefined));
}

/** Some users can do it to themselves, no one here to anybody else. */
const isNobodys = (route: Route) =>
  route.access !== 'signed in' &&
  route.access !== 'set-up link' &&
  PERMISSIONS[route.access as Permission].readonly === 'none';

test('every route whose body or query is not optional has an example that it takes', () => {
  for (const route of guarded) {
    const { query = '', body } = examples[keyOf(route)] ?? {};
    if (route.body !== undefined) {
      expect([keyOf(route), route.body.safeParse(body ?? {}).error?.issues ?? []]).toEqual([
        keyOf(route),
        [],
      ]);
    }
    const given = Object.fromEntries(new URLSearchParams(query));
    expect([keyOf(route), route.query?.safeParse(given).error?.issues ?? []]).toEqual([keyOf(route), []]);
  }
});

describe.each(guarded.map((route) => [keyOf(route), route] as const))('%s', (key, route) => {
  test('without a credential: 401', async () => {
    const { status, body } = await ask(anonymous(rollcall.server), route, key);
    expect([status, body.code]).toEqual([401, 'unauthenticated']);
  });

  test('with a key that is made up: 401', async () => {
    const made = withKey(rollcall.server, `rollcall_key_${'x'.repeat(43)}`);
    const address = `192.0.2.${guarded.indexOf(route)}`;
    expect((await ask(made, route, key).set('X-Forwarded-For', address)).status).toBe(401);
  });

  if (isNobodys(route)) {
    test('without the permission: 403 and the sentence of R144', async () => {
      const { status, body } = await ask(reader, route, key);
      expect([status, body.code]).toEqual([403, 'forbidden']);
      expect(body.detail).toBe("You don't have permission to access this");
    });
  } else if (Object.keys(route.params ?? {}).length > 0) {
    test("without the permission for another user's: 403 or 404", async () => {
      expect([403, 404]).toContain((await ask(reader, route, key)).status);
    });
  }

  if (Object.keys(route.params ?? {}).length > 0) {
    test('from another organization: never', async () => {
      expect([403, 404]).toContain((await ask(strangeReader, route, key)).status);
    });

    test('from another organization with every permission that there is: 404', async () => {
      const has = route.access === 'signed in' || PERMISSIONS[route.access as Permission].owner !== 'none';
      expect((await ask(stranger, route, key)).status).toBe(has ? 404 : 403);
    });
  }
});

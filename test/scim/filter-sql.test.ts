import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { packageRoot } from '../../src/platform/package-root.ts';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const ACME = 'urn:acme:params:scim:schemas:extension:hr:1.0:User';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** A schema that no one wrote code for. */
const acme = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
  id: ACME,
  name: 'AcmeHr',
  attributes: [
    { name: 'badge', type: 'string', caseExact: true },
    { name: 'nick', type: 'string' },
    { name: 'remote', type: 'boolean' },
    { name: 'level', type: 'integer' },
    { name: 'score', type: 'decimal' },
    { name: 'startsAt', type: 'dateTime' },
    { name: 'skills', type: 'string', multiValued: true },
    { name: 'band', type: 'integer', returned: 'request' },
    { name: 'pin', type: 'string', returned: 'never', mutability: 'writeOnly' },
    { name: 'origin', type: 'string', mutability: 'immutable' },
    { name: 'lock', type: 'complex', returned: 'never', subAttributes: [{ name: 'key', type: 'string' }] },
    {
      name: 'doors',
      type: 'complex',
      multiValued: true,
      subAttributes: [
        { name: 'value', type: 'string' },
        { name: 'key', type: 'string', returned: 'never' },
      ],
    },
    {
      name: 'desk',
      type: 'complex',
      subAttributes: [
        { name: 'floor', type: 'integer' },
        { name: 'room', type: 'string' },
      ],
    },
  ],
};

let folder: string;
let rollcall: TestRollcall;
let organization: TestOrganization;
let people: Json[] = [];

const text = fc.constantFrom('a', 'A', 'Ab', 'ab', 'b', 'É', 'é', 'x%y', 'x_y', "o'x", 'a"b', '\\');
const date = fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00', '2026-06-01T12:00:00.5Z');
const testUser = fc.record(
  {
    title: text,
    nickName: text,
    active: fc.boolean(),
    name: fc.record({ givenName: text, familyName: text }, { requiredKeys: [] }),
    emails: fc.array(fc.record({ value: text, type: fc.constantFrom('work', 'home') }), {
      minLength: 1,
      maxLength: 3,
    }),
    [ENTERPRISE]: fc.record(
      { department: text, manager: fc.record({ value: text }) },
      { requiredKeys: ['department'] },
    ),
    [ACME]: fc.record(
      {
        badge: text,
        nick: text,
        remote: fc.boolean(),
        level: fc.integer({ min: 1, max: 4 }),
        score: fc.constantFrom(0.5, 1, 2.25),
        startsAt: date,
        skills: fc.array(text, { minLength: 1, maxLength: 2 }),
        desk: fc.record({ floor: fc.integer({ min: 1, max: 3 }), room: text }),
      },
      { requiredKeys: ['badge'] },
    ),
  },
  { requiredKeys: [] },
);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-schemas-'));
  cpSync(join(packageRoot(import.meta.url), 'scim-schemas'), folder, { recursive: true });
  writeFileSync(join(folder, 'acme.json'), JSON.stringify(acme));
  rollcall = await startRollcall({ schemaFolder: folder });
  organization = await rollcall.organization();
  const bodies = fc.sample(testUser, { numRuns: 80, seed: 7 }).map((body, n) => ({
    ...body,
    userName: `p${n}`,
    ...('emails' in body
      ? { emails: body.emails?.map((email, at) => ({ ...email, value: `${email.value}${n}-${at}` })) }
      : {}),
  }));
  for (const body of bodies) await organization.scim('POST', '/Users', body).expect(201);
  people = ((await organization.scim('GET', '/Users?count=1000')).body as { Resources: Json[] }).Resources;
}, 60_000);

afterAll(async () => {
  await rollcall.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Leaf {
  readonly path: string;
  readonly type: 'text' | 'exact' | 'boolean' | 'number' | 'date';
  readonly multiValued?: true;
  read(user: Json): unknown[];
}

const at =
  (...keys: string[]) =>
  (user: Json): unknown[] => {
    let values: unknown[] = [user];
    for (const key of keys) values = values.flatMap((value) => (value as Json | undefined)?.[key] ?? []);
    return values;
  };

const leaves: readonly Leaf[] = [
  { path: 'userName', type: 'text', read: at('userName') },
  { path: 'title', type: 'text', read: at('title') },
  { path: 'NICKNAME', type: 'text', read: at('nickName') },
  { path: `${USER}:name.givenName`, type: 'text', read: at('name', 'givenName') },
  { path: 'active', type: 'boolean', read: at('active') },
  { path: 'emails.type', type: 'text', multiValued: true, read: at('emails', 'type') },
  { path: 'emails', type: 'text', multiValued: true, read: at('emails', 'value') },
  { path: `${ENTERPRISE}:department`, type: 'text', read: at(ENTERPRISE, 'department') },
  { path: `${ENTERPRISE}:manager`, type: 'exact', read: at(ENTERPRISE, 'manager', 'value') },
  { path: `${ACME}:badge`, type: 'exact', read: at(ACME, 'badge') },
  { path: `${ACME}:nick`, type: 'text', read: at(ACME, 'nick') },
  { path: `${ACME}:remote`, type: 'boolean', read: at(ACME, 'remote') },
  { path: `${ACME}:level`, type: 'number', read: at(ACME, 'level') },
  { path: `${ACME}:score`, type: 'number', read: at(ACME, 'score') },
  { path: `${ACME}:startsAt`, type: 'date', read: at(ACME, 'startsAt') },
  { path: `${ACME}:skills`, type: 'text', multiValued: true, read: at(ACME, 'skills') },
  { path: `${ACME}:desk.floor`, type: 'number', read: at(ACME, 'desk', 'floor') },
];

/** A filter, and whether a user fulfils it by a reading of the RFC of this test's own. */
interface Sample {
  readonly filter: string;
  fits(user: Json): boolean;
}

const operators = {
  text: ['eq', 'ne', 'co', 'sw', 'ew'],
  exact: ['eq', 'ne', 'co', 'sw', 'ew'],
  boolean: ['eq', 'ne'],
  number: ['eq', 'ne', 'gt', 'ge', 'lt', 'le'],
  date: ['eq', 'ne', 'gt', 'ge', 'lt', 'le'],
};
const values = { text, exact: text, boolean: fc.boolean(), number: fc.constantFrom(1, 2, 2.25, 3), date };

function holds(type: Leaf['type'], operator: string, value: unknown, wanted: unknown): boolean {
  const form = (each: unknown) =>
    (type === 'text'
      ? String(each).toLowerCase()
      : type === 'date'
        ? Date.parse(String(each))
        : each) as string;
  const [left, right] = [form(value), form(wanted)];
  const tests: Record<string, () => boolean> = {
    eq: () => left === right,
    co: () => left.includes(right),
    sw: () => left.startsWith(right),
    ew: () => left.endsWith(right),
    gt: () => left > right,
    ge: () => left >= right,
    lt: () => left < right,
    le: () => left <= right,
  };
  return tests[operator]?.() ?? false;
}

/** `ne`: of a multi-valued attribute one value must differ; a single one that is not there differs. */
function differs(type: Leaf['type'], multiValued: boolean, values: unknown[], wanted: unknown): boolean {
  const differing = (each: unknown) => !holds(type, 'eq', each, wanted);
  return multiValued ? values.some(differing) : values.every(differing);
}

const comparison: fc.Arbitrary<Sample> = fc
  .constantFrom(...leaves)
  .chain(({ path, type, multiValued = false, read }) =>
    fc.oneof(
      fc.constant<Sample>({ filter: `${path} pr`, fits: (user) => read(user).length > 0 }),
      fc.tuple(fc.constantFrom(...operators[type]), values[type]).map(
        ([operator, wanted]): Sample => ({
          filter: `${path} ${operator} ${JSON.stringify(wanted)}`,
          fits: (user) =>
            operator === 'ne'
              ? differs(type, multiValued, read(user), wanted)
              : read(user).some((each) => holds(type, operator, each, wanted)),
        }),
      ),
    ),
  );

const listed: fc.Arbitrary<Sample> = fc
  .tuple(
    fc.constantFrom(...leaves.filter(({ type }) => type === 'text' || type === 'exact')),
    fc.array(text, { minLength: 2, maxLength: 4 }),
  )
  .map(([{ path, type, read }, wanted]) => ({
    filter: `(${wanted.map((each) => `${path} eq ${JSON.stringify(each)}`).join(' or ')})`,
    fits: (user) => wanted.some((each) => read(user).some((value) => holds(type, 'eq', value, each))),
  }));

const correlated: fc.Arbitrary<Sample> = fc
  .tuple(fc.constantFrom('work', 'HOME'), fc.constantFrom('eq', 'co', 'sw'), text)
  .map(([kind, operator, wanted]) => ({
    filter: `emails[type eq "${kind}" and value ${operator} ${JSON.stringify(wanted)}]`,
    fits: (user) =>
      at('emails')(user).some(
        (email) =>
          holds('text', 'eq', (email as Json)['type'], kind) &&
          holds('text', operator, (email as Json)['value'], wanted),
      ),
  }));

const { sample } = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    comparison,
    listed,
    correlated,
    fc.tuple(tie('sample'), tie('sample')).map(
      ([left, right]): Sample => ({
        filter: `(${left.filter}) and (${right.filter})`,
        fits: (user) => left.fits(user) && right.fits(user),
      }),
    ),
    fc.tuple(tie('sample'), tie('sample')).map(
      ([left, right]): Sample => ({
        filter: `(${left.filter}) or (${right.filter})`,
        fits: (user) => left.fits(user) || right.fits(user),
      }),
    ),
    tie('sample').map(
      ({ filter, fits }): Sample => ({ filter: `not (${filter})`, fits: (user) => !fits(user) }),
    ),
  ),
}));

const names = (users: readonly Json[]) => users.map((user) => user['userName']);
const list = async (query: string): Promise<Json[]> =>
  ((await organization.scim('GET', `/Users?${query}`).expect(200)).body as { Resources: Json[] }).Resources;

describe('filters on Postgres', () => {
  test('find the users that an independent implementation of the RFC finds', async () => {
    await fc.assert(
      fc.asyncProperty(sample, async ({ filter, fits }) => {
        const found = await list(`count=1000&filter=${encodeURIComponent(filter)}`);
        expect(names(found)).toEqual(names(people.filter(fits)));
      }),
      { numRuns: 500, seed: 20_261_124 },
    );
  }, 60_000);

  test('on every attribute with every operator answer 200 or 400 invalidFilter', async () => {
    const { Resources } = (await organization.scim('GET', '/Schemas')).body as {
      Resources: { id: string; attributes: { name: string; subAttributes?: { name: string }[] }[] }[];
    };
    const paths = Resources.filter(({ id }) => id.endsWith(':User')).flatMap(({ id, attributes }) =>
      attributes.flatMap(({ name, subAttributes = [] }) => [
        `${id}:${name}`,
        ...subAttributes.map((sub) => `${id}:${name}.${sub.name}`),
      ]),
    );
    expect(paths.length).toBeGreaterThan(80);
    const tests = [
      'pr',
      ...['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'].flatMap((operator) => [
        `${operator} "2026-01-01T00:00:00Z"`,
        `${operator} 7`,
        `${operator} true`,
      ]),
    ];
    const odd: unknown[] = [];
    for (const path of [
      'id',
      'externalId',
      'schemas',
      'meta.created',
      'meta.lastModified',
      'meta.location',
      'meta.resourceType',
      'meta.version',
      ...paths,
    ]) {
      const answers = await Promise.all(
        tests.map((each) =>
          organization.scim('GET', `/Users?count=1&filter=${encodeURIComponent(`${path} ${each}`)}`),
        ),
      );
      for (const [n, { status, body }] of answers.entries()) {
        if (status !== 200 && (body as Json)['scimType'] !== 'invalidFilter')
          odd.push([path, tests[n], status]);
      }
    }
    expect(odd).toEqual([]);
  }, 60_000);

  test('sort with missing values last, or first when descending, and by every kind of value', async () => {
    for (const [sortBy, read] of [
      ['title', at('title')],
      [`${ACME}:level`, at(ACME, 'level')],
      [`${ACME}:startsAt`, at(ACME, 'startsAt')],
      ['name.familyName', at('name', 'familyName')],
    ] as const) {
      const has = (users: Json[]) => users.map((user) => read(user).length > 0);
      const up = await list(`count=1000&sortBy=${encodeURIComponent(sortBy)}`);
      const down = await list(`count=1000&sortBy=${encodeURIComponent(sortBy)}&sortOrder=descending`);
      expect(has(up)).toEqual([...has(up)].sort((left, right) => Number(right) - Number(left)));
      expect(has(down)).toEqual([...has(down)].sort((left, right) => Number(left) - Number(right)));
      expect(new Set(names(up))).toEqual(new Set(names(people)));
    }
    const levels = (await list(`count=1000&sortBy=${ACME}:level`)).flatMap(at(ACME, 'level')) as number[];
    expect(levels).toEqual([...levels].sort((left, right) => left - right));
  });
});

test('schemas tell who has an extension', async () => {
  const found = await list(`count=1000&filter=${encodeURIComponent(`schemas eq "${ENTERPRISE}"`)}`);
  expect(names(found)).toEqual(names(people.filter((user) => user[ENTERPRISE] !== undefined)));
  expect(await list(`count=1000&filter=${encodeURIComponent(`not (schemas eq "${USER}")`)}`)).toEqual([]);
});

test.each([
  `${ACME}:pin eq "1234"`,
  `${ACME}:pin sw "1"`,
  `${ACME}:pin pr`,
  `not (${ACME}:pin gt "5")`,
  `${ACME}:lock.key co "1"`,
  `${ACME}:lock[key co "1"]`,
  `${ACME}:doors[key sw "1"]`,
  `${ACME}:doors.key sw "1"`,
])('what is never returned cannot be found out by a filter: %s', async (filter) => {
  const { status, body } = await organization.scim('GET', `/Users?filter=${encodeURIComponent(filter)}`);
  expect([status, (body as Json)['scimType']]).toEqual([400, 'invalidFilter']);
});

test('what is never returned cannot be found out by an order, or by a path that matches or not', async () => {
  for (const path of [`${ACME}:pin`, `${ACME}:lock.key`, `${ACME}:doors.key`]) {
    const { body } = await organization.scim('GET', `/Users?sortBy=${encodeURIComponent(path)}`).expect(400);
    expect(body).toMatchObject({ scimType: 'invalidValue' });
  }
  const { body } = await organization
    .scim('PATCH', `/Users/${people[0]?.['id']}`, {
      schemas: [PATCH],
      Operations: [{ op: 'replace', path: `${ACME}:doors[key sw "1"].value`, value: 'x' }],
    })
    .expect(400);
  expect(body).toMatchObject({ scimType: 'invalidFilter' });
});

test('everything has a meta', async () => {
  expect(names(await list('count=1000&filter=meta%20pr'))).toEqual(names(people));
  expect(await list('count=1000&filter=meta%20eq%20null')).toEqual([]);
});

test('what a member and a group show compares without regard to case, as the schemas declare', async () => {
  const member = (
    await organization.scim('POST', '/Users', { userName: 'member', displayName: 'Élodie Member' })
  ).body as Json;
  const body = { displayName: 'Étage', members: [{ value: member['id'] }] };
  const group = (await organization.scim('POST', '/Groups', body).expect(201)).body as Json;
  for (const [endpoint, filter] of [
    ['Groups', 'members.display eq "élodie MEMBER"'],
    ['Groups', 'members[display sw "ÉLODIE"]'],
    ['Users', 'groups.display eq "ÉTAGE"'],
    ['Groups', 'members.display sw "Élodie" and members.type eq "USER"'],
    ['Users', 'groups[display eq "Étage" and type co "DIR"]'],
    ['Groups', `members.value sw "${String(member['id']).toUpperCase()}"`],
    ['Groups', `members[value ge "${String(member['id']).toUpperCase()}" and display sw "Élodie"]`],
    ['Users', `groups.value co "${String(group['id']).toUpperCase()}"`],
  ]) {
    const { body: found } = await organization.scim(
      'GET',
      `/${endpoint}?filter=${encodeURIComponent(filter as string)}`,
    );
    expect([filter, (found as Json)['totalResults']]).toEqual([filter, 1]);
  }
  await organization.scim('DELETE', `/Users/${member['id']}`).expect(204);
});

describe('pages', () => {
  test('read in order show every remaining user exactly once, whatever users are created or deleted between them', async () => {
    const stay = names(people);
    const seen: unknown[] = [];
    for (let startIndex = 1; ; ) {
      const page = await list(`startIndex=${startIndex}&count=7`);
      if (page.length === 0) break;
      seen.push(...names(page));
      startIndex += page.length;
      const guest = (await organization.scim('POST', '/Users', { userName: `guest-${startIndex}` }))
        .body as Json;
      if (startIndex % 2 === 0) await organization.scim('DELETE', `/Users/${guest['id']}`).expect(204);
      if (startIndex > 300) break;
    }
    expect(seen.filter((name) => stay.includes(name))).toEqual(stay);
  });

  test('return their numbers as numbers, and only requested attributes', async () => {
    const total = ((await organization.scim('GET', '/Users?count=0')).body as Json)['totalResults'] as number;
    expect((await organization.scim('GET', '/Users?startIndex=0&count=3')).body).toMatchObject({
      totalResults: total,
      startIndex: 1,
      itemsPerPage: 3,
    });
    expect((await organization.scim('GET', '/Users?count=-1')).body).toMatchObject({
      totalResults: total,
      itemsPerPage: 0,
      Resources: [],
    });
    expect((await organization.scim('GET', '/Users?startIndex=100000')).body).toMatchObject({
      totalResults: total,
      itemsPerPage: 0,
    });
    expect(
      (await organization.scim('GET', `/Users?filter=${encodeURIComponent('userName sw "p"')}&count=5`)).body,
    ).toMatchObject({ totalResults: 80, itemsPerPage: 5 });
  });
});

describe('a schema that was dropped in', () => {
  test('is served, returned and set as its characteristics declare', async () => {
    const { Resources } = (await organization.scim('GET', '/ResourceTypes')).body as {
      Resources: { name: string; schemaExtensions: { schema: string }[] }[];
    };
    expect(Resources[0]?.schemaExtensions.map(({ schema }) => schema)).toContain(ACME);
    const body = { userName: 'schema', [ACME]: { badge: 'B1', band: 3, pin: '1234', origin: 'import' } };
    const created = (await organization.scim('POST', '/Users', body).expect(201)).body as Json;
    expect(created['schemas']).toEqual([USER, ACME]);
    expect(created[ACME]).toEqual({ badge: 'B1', origin: 'import' });
    const requested = (
      await organization.scim('GET', `/Users/${created['id']}?attributes=${ACME}:band,${ACME}:pin`)
    ).body as Json;
    expect(requested[ACME]).toEqual({ band: 3 });
    const other = { ...body, [ACME]: { badge: 'B2', origin: 'elsewhere' } };
    expect((await organization.scim('PUT', `/Users/${created['id']}`, other)).body).toMatchObject({
      status: '400',
      scimType: 'mutability',
    });
    const patch = { schemas: [PATCH], Operations: [{ op: 'replace', path: `${ACME}:origin`, value: 'x' }] };
    expect((await organization.scim('PATCH', `/Users/${created['id']}`, patch)).body).toMatchObject({
      scimType: 'mutability',
    });
    const kept = (
      await organization.scim('PUT', `/Users/${created['id']}`, { userName: 'schema' }).expect(200)
    ).body as Json;
    expect(kept[ACME]).toEqual({ origin: 'import' });
  });
});

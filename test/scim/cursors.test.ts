import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import request from 'supertest';
import { createRollcall } from '../../src/app.ts';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { createUsers, getPage, idsOf, type Page, query, readPages, USERS } from '../support/scim-pages.ts';

const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const secretKey = randomBytes(32);

let rollcall: TestRollcall;
/** Has users that no test changes. */
let organization: TestOrganization;

beforeAll(async () => {
  rollcall = await startRollcall({ secretKey });
  organization = await rollcall.organization();
  await createUsers(organization);
});
afterAll(() => rollcall.close());

describe('pages read by cursor', () => {
  test('start with an empty cursor, and all but the last have a nextCursor of unreserved characters', async () => {
    const first = (await organization.scim('GET', '/Users?cursor&count=10').expect(200)).body as Page;
    expect(first).toMatchObject({ totalResults: USERS + 1, itemsPerPage: 10 });
    expect(first.nextCursor).toMatch(/^[A-Za-z0-9._~-]+$/);
    expect(first).not.toHaveProperty('startIndex');
    const pages = await readPages(organization, '/Users', { count: 10 });
    expect(pages.map(({ Resources }) => Resources.length)).toEqual([10, 10, 4]);
    expect(pages.map(({ totalResults }) => totalResults)).toEqual(pages.map(() => USERS + 1));
    expect(pages.at(-1)).not.toHaveProperty('nextCursor');
    expect(idsOf(pages)).toEqual(idsOf([await getPage(organization, '/Users', { count: 100 })]));
  });

  test('end with a full page where the last one is full', async () => {
    const pages = await readPages(organization, '/Users', { count: 12 });
    expect(pages.map(({ itemsPerPage }) => itemsPerPage)).toEqual([12, 12]);
    expect(await readPages(organization, '/Users', {})).toHaveLength(1);
  });

  test('of a filter have their total on the first page only', async () => {
    const filter = 'userName sw "u1"';
    const pages = await readPages(organization, '/Users', { filter, count: 4 });
    expect(pages.map(({ totalResults }) => totalResults)).toEqual([11, undefined, undefined]);
    expect(idsOf(pages)).toEqual(idsOf([await getPage(organization, '/Users', { filter })]));
  });

  test('have only the selected attributes', async () => {
    const pages = await readPages(organization, '/Users', {
      count: 20,
      attributes: 'userName',
      sortBy: 'title',
    });
    for (const { Resources } of pages) {
      for (const user of Resources) expect(Object.keys(user).sort()).toEqual(['id', 'schemas', 'userName']);
    }
  });

  test('of a count of 0 have the total and no resources', async () => {
    const page = await getPage(organization, '/Users', { cursor: '', count: 0 });
    expect(page).toMatchObject({ totalResults: USERS + 1, itemsPerPage: 0, Resources: [] });
    expect(page).not.toHaveProperty('nextCursor');
    expect(await getPage(organization, '/Users', { cursor: '', count: -1 })).toEqual(page);
  });

  test('are not what a list without a cursor is', async () => {
    const page = await getPage(organization, '/Users', { count: 10 });
    expect(page).toMatchObject({ startIndex: 1, totalResults: USERS + 1 });
    expect(page).not.toHaveProperty('nextCursor');
    const body = { schemas: [SEARCH], cursor: null, count: 10 };
    expect((await organization.scim('POST', '/Users/.search', body).expect(200)).body).toEqual(page);
  });

  test('are requested in the body of a .search', async () => {
    const search = { schemas: [SEARCH], attributes: ['userName'], sortBy: 'userName', count: 15 };
    const first = (await organization.scim('POST', '/Users/.search', { ...search, cursor: '' }).expect(200))
      .body as Page;
    const cursor = first.nextCursor;
    const second = (await organization.scim('POST', '/Users/.search', { ...search, cursor }).expect(200))
      .body as Page;
    const whole = await getPage(organization, '/Users', { sortBy: 'userName' });
    expect(idsOf([first, second])).toEqual(idsOf([whole]));
    expect(second).not.toHaveProperty('nextCursor');
  });

  test('continue in another process with the same key', async () => {
    const other = createRollcall({
      publicUrl: 'http://127.0.0.1',
      databaseUrl: rollcall.databaseUrl,
      log: pino({ level: 'silent' }),
      secretKey: randomBytes(32),
      previousSecretKeys: [secretKey],
      mail: { smtpUrl: undefined, folder: tmpdir(), from: 'Rollcall <no-reply@rollcall.example>' },
    });
    const first = await getPage(organization, '/Users', { cursor: '', count: 15 });
    const { body } = await request(other.listener())
      .get(`/scim/v2/Users?${query({ cursor: String(first.nextCursor), count: 15 })}`)
      .set({ Authorization: `Bearer ${organization.token}`, Accept: 'application/json' })
      .expect(200);
    await other.close();
    expect(idsOf([first, body as Page])).toEqual(idsOf([await getPage(organization, '/Users', {})]));
  });

  test('of the root have users, then groups', async () => {
    const both = await rollcall.organization();
    // Groups with ids before and behind those of the users.
    await both.scim('POST', '/Groups', { displayName: 'G' }).expect(201);
    for (const userName of ['a', 'b', 'c']) await both.scim('POST', '/Users', { userName }).expect(201);
    for (const displayName of ['H', 'I']) await both.scim('POST', '/Groups', { displayName }).expect(201);
    for (const count of [1, 2, 3, 4, 7]) {
      const pages = await readPages(both, '/', { count });
      expect(idsOf(pages)).toEqual(idsOf([await getPage(both, '/', {})]));
      expect(Math.max(...pages.map(({ Resources }) => Resources.length))).toBe(count);
      expect(pages.map(({ totalResults }) => totalResults)).toEqual(
        pages.map((_, page) => (page === 0 ? 7 : undefined)),
      );
    }
  });

  test('continue after a value that is longer than a cursor', async () => {
    const long = await rollcall.organization();
    for (const last of ['c', 'a', 'b']) {
      const title = `${last}${'x'.repeat(20_000)}`;
      await long.scim('POST', '/Users', { userName: last, title }).expect(201);
    }
    const pages = await readPages(long, '/Users', { sortBy: 'title', count: 1, attributes: 'userName' });
    const names = pages.flatMap(({ Resources }) => Resources).map((user) => (user as Json)['userName']);
    expect(names).toEqual(['a', 'b', 'c', long.ownerEmail]);
  });

  test('of groups have all members of each', async () => {
    const grouped = await rollcall.organization();
    const { id } = (await grouped.scim('POST', '/Users', { userName: 'm' }).expect(201)).body as Json;
    for (const displayName of ['B', 'A', 'c']) {
      await grouped.scim('POST', '/Groups', { displayName, members: [{ value: id }] }).expect(201);
    }
    const pages = await readPages(grouped, '/Groups', { count: 1, sortBy: 'displayName' });
    expect(pages.flatMap(({ Resources }) => Resources)).toMatchObject(
      ['A', 'B', 'c'].map((displayName) => ({ displayName, members: [{ value: id }] })),
    );
  });
});

test('the same filter may be written in another way on the next page', async () => {
  const { nextCursor: cursor = '' } = await getPage(organization, '/Users', {
    filter: 'userName sw "u" and active eq true',
    cursor: '',
    count: 4,
  });
  await getPage(organization, '/Users', { filter: 'username SW "u" AND (active eq true)', cursor, count: 4 });
});

test.each([false, true])(
  'ServiceProviderConfig returns how lists are read (strict mode: %s)',
  async (strict) => {
    const { scim } = await rollcall.organization({ strict });
    const { body } = await scim('GET', '/ServiceProviderConfig').expect(200);
    expect((body as Json)['pagination']).toEqual({
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: 100,
      maxPageSize: 1_000,
      cursorTimeout: 3_600,
    });
    await scim('GET', '/Users?cursor=&count=5').expect(200);
  },
);

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { uuidv7 } from '../../src/platform/ids.ts';
import { hashToken } from '../../src/platform/opaque-token.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { createUsers, getPage, query } from '../support/scim-pages.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let clockOffset = 0;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(Date.now() + clockOffset) });
  organization = await rollcall.organization();
  await createUsers(organization);
});
afterAll(() => rollcall.close());

describe('a cursor is rejected', () => {
  const parameters = { filter: 'userName sw "u"', sortBy: 'userName', count: 4 };
  const cursorOf = async () =>
    String((await getPage(organization, '/Users', { ...parameters, cursor: '' })).nextCursor);
  const expectError = async (
    by: TestOrganization,
    path: string,
    changed: Readonly<Record<string, string | number>>,
    scimType: string,
  ) => {
    const { body } = await by.scim('GET', `${path}?${query(changed)}`).expect(400);
    expect(body).toMatchObject({ status: '400', scimType });
    return (body as { detail: string }).detail;
  };

  test('with invalidCursor if it was forged, without telling what was wrong', async () => {
    const cursor = await cursorOf();
    const forged = [
      'x',
      '!',
      'VZUTiyhEQJ94IR',
      `${cursor}.`,
      cursor.slice(0, -4),
      `${cursor.slice(0, 40)}${cursor[40] === 'A' ? 'B' : 'A'}${cursor.slice(41)}`,
      Buffer.from('{"id":"1"}').toString('base64url'),
      'a'.repeat(8_193),
    ];
    const details = new Set<string>();
    for (const each of forged) {
      details.add(
        await expectError(organization, '/Users', { ...parameters, cursor: each }, 'invalidCursor'),
      );
    }
    const changed = { ...parameters, sortBy: 'id', cursor };
    details.add(await expectError(organization, '/Users', changed, 'invalidCursor'));
    expect(details.size).toBe(1);
  });

  test.each([
    { filter: 'userName sw "u1"' },
    { filter: '' },
    { sortBy: 'displayName' },
    { sortBy: '' },
    { sortOrder: 'descending' },
    { attributes: 'userName' },
    { excludedAttributes: 'emails' },
  ])('with invalidCursor for a list with %j', async (change) => {
    const cursor = await cursorOf();
    await expectError(organization, '/Users', { ...parameters, ...change, cursor }, 'invalidCursor');
  });

  test('with invalidCursor at another endpoint', async () => {
    const { nextCursor: cursor = '' } = await getPage(organization, '/Users', { cursor: '', count: 4 });
    for (const path of ['/Groups', '/']) {
      await expectError(organization, path, { cursor, count: 4 }, 'invalidCursor');
    }
  });

  test('with invalidCursor for another organization and another connection', async () => {
    const cursor = await cursorOf();
    await expectError(await rollcall.organization(), '/Users', { ...parameters, cursor }, 'invalidCursor');
    const [connection, token] = [uuidv7(), `test_${randomBytes(24).toString('hex')}`];
    const { db } = rollcall.rollcall;
    await db.search(
      `insert into connections (org_id, id, name, created_at) values ($1, $2, 'Second', now())`,
      [organization.org, connection],
    );
    await db.search(
      'insert into scim_tokens (org_id, id, connection_id, hash, created_at) values ($1, $2, $3, $4, now())',
      [organization.org, uuidv7(), connection, hashToken(token)],
    );
    const { body } = await organization
      .scim('GET', `/Users?${query({ ...parameters, cursor })}`, undefined, {
        Authorization: `Bearer ${token}`,
      })
      .expect(400);
    expect(body).toMatchObject({ scimType: 'invalidCursor' });
  });

  test('without a token', async () => {
    const cursor = await cursorOf();
    await organization
      .scim('GET', `/Users?${query({ ...parameters, cursor })}`, undefined, { Authorization: '' })
      .expect(401);
  });

  test('with expiredCursor an hour after it was returned, and not before', async () => {
    const cursor = await cursorOf();
    try {
      clockOffset = 3_590_000;
      await getPage(organization, '/Users', { ...parameters, cursor });
      clockOffset = 3_601_000;
      await expectError(organization, '/Users', { ...parameters, cursor }, 'expiredCursor');
    } finally {
      clockOffset = 0;
    }
  });

  test('with invalidCount for another count than the first page had, and for none that is a number', async () => {
    const cursor = await cursorOf();
    const detail = await expectError(
      organization,
      '/Users',
      { ...parameters, count: 5, cursor },
      'invalidCount',
    );
    expect(detail).toContain('4');
    for (const count of ['x', '1e3', '1.5']) {
      await expectError(organization, '/Users', { cursor: '', count }, 'invalidCount');
    }
  });

  test('beside a startIndex, and for users and groups in one order', async () => {
    await expectError(organization, '/Users', { cursor: '', startIndex: 2 }, 'invalidValue');
    await expectError(organization, '/', { cursor: '', sortBy: 'displayName' }, 'invalidValue');
    await getPage(organization, '/Users', { cursor: '', startIndex: 1 });
  });
});

import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { packageRoot } from '../../src/platform/package-root.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { ACME, acme, createUsers, getPage, idsOf, readPages } from '../support/scim-pages.ts';

let folder: string;
let rollcall: TestRollcall;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-schemas-'));
  cpSync(join(packageRoot(import.meta.url), 'scim-schemas'), folder, { recursive: true });
  writeFileSync(join(folder, 'acme.json'), JSON.stringify(acme));
  rollcall = await startRollcall({ schemaFolder: folder });
});
afterAll(async () => {
  await rollcall.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('while users are created and deleted between pages', () => {
  const orders = [
    '',
    'id',
    'userName',
    'externalId',
    'displayName',
    'active',
    'meta.created',
    'meta.lastModified',
    'title',
    'name.familyName',
    'emails',
    ...acme.attributes.map(({ name }) => `${ACME}:${name}`),
  ].flatMap((sortBy) => ['ascending', 'descending'].map((sortOrder) => ({ sortBy, sortOrder })));
  let busy: TestOrganization;

  beforeAll(async () => {
    busy = await rollcall.organization();
    await createUsers(busy);
  });

  test.each(orders)('sorted by "$sortBy", $sortOrder, each other user is on one page', async (order) => {
    const stay = idsOf([await getPage(busy, '/Users', order)]);
    const guests: string[] = [];
    const invite = async (userName: string) => {
      const { body } = await busy.scim('POST', '/Users', { userName }).expect(201);
      guests.push((body as { id: string }).id);
    };
    const dismiss = (id: string | undefined) => busy.scim('DELETE', `/Users/${id}`).expect(204);
    for (const name of ['a-guest', 'u1-guest', 'z-guest']) await invite(name);
    let count = 0;
    const pages = await readPages(busy, '/Users', { ...order, count: 4 }, async ({ Resources }) => {
      const last = Resources.at(-1)?.id;
      if (last !== undefined && guests.includes(last)) {
        guests.splice(guests.indexOf(last), 1);
        await dismiss(last);
      } else if (count % 2 === 0) await dismiss(guests.shift());
      for (const start of ['a', 'u1', 'z']) await invite(`${start}-guest-${count}`);
      count += 1;
    });
    for (const id of guests) await dismiss(id);
    const seen = idsOf(pages);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => stay.includes(id))).toEqual(
      order.sortBy === 'title' ? expect.arrayContaining(stay) : stay,
    );
  });

  test('the next page starts after a user who was deleted', async () => {
    for (const order of [{}, { sortBy: 'userName' }, { sortBy: 'displayName', sortOrder: 'descending' }]) {
      const { body } = await busy.scim('POST', '/Users', { userName: 'u1-guest' }).expect(201);
      const { id } = body as { id: string };
      const all = idsOf([await getPage(busy, '/Users', order)]);
      const count = all.indexOf(id) + 1;
      const { nextCursor } = await getPage(busy, '/Users', { ...order, cursor: '', count });
      await busy.scim('DELETE', `/Users/${id}`).expect(204);
      const next =
        nextCursor === undefined
          ? []
          : [await getPage(busy, '/Users', { ...order, cursor: nextCursor, count })];
      expect(idsOf(next)).toEqual(all.slice(count, 2 * count));
    }
  });
});

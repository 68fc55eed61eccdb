import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { packageRoot } from '../../src/platform/package-root.ts';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const ACME = 'urn:acme:params:scim:schemas:extension:hr:1.0:User';

let folder: string;
let rollcall: TestRollcall;
let organization: TestOrganization;
const ids: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-schemas-'));
  cpSync(join(packageRoot(import.meta.url), 'scim-schemas'), folder, { recursive: true });
  const acme = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id: ACME,
    name: 'AcmeHr',
    attributes: [{ name: 'department', type: 'string' }],
  };
  writeFileSync(join(folder, 'acme.json'), JSON.stringify(acme));
  rollcall = await startRollcall({ schemaFolder: folder });
  organization = await rollcall.organization();
  for (const body of [
    { userName: 'none' },
    {
      userName: 'two',
      externalId: 'ext-two',
      emails: [
        { value: 'w@two', type: 'work', primary: true },
        { value: 'h@two', type: 'home' },
      ],
    },
    { userName: 'one', externalId: 'ext-one', emails: [{ value: 'w@one', type: 'work', primary: true }] },
  ]) {
    ids.push(((await organization.scim('POST', '/Users', body).expect(201)).body as Json)['id'] as string);
  }
});

afterAll(async () => {
  await rollcall.close();
  rmSync(folder, { recursive: true, force: true });
});

const find = async (filter: string, endpoint = '/Users'): Promise<unknown[]> => {
  const { body } = await organization
    .scim('GET', `${endpoint}?filter=${encodeURIComponent(filter)}&count=1000`)
    .expect(200);
  return (body as { Resources: Json[] }).Resources.map((each) => each['userName'] ?? each['displayName']);
};

const ours = (names: readonly unknown[]) => names.filter((name) => !String(name).startsWith('owner-'));

test.each([
  ['emails[primary eq false]', ['two']],
  ['emails.primary eq false', ['two']],
  ['emails[type eq "home" and primary eq false]', ['two']],
  ['emails[primary eq true]', ['two', 'one']],
  ['emails.type ne "work"', ['two']],
  ['emails ne "w@one"', ['two']],
  ['not (emails.type eq "work")', ['none']],
  ['userName eq "one" or userName eq "TWO" or userName eq "three"', ['two', 'one']],
  ['externalId eq "ext-one" or externalId eq "ext-two"', ['two', 'one']],
  ['emails eq "W@one" or emails.value eq "h@two"', ['two', 'one']],
  ['emails[value eq "w@one" or value eq "h@one"]', ['one']],
  ['(userName eq "one" or userName eq "none") and emails pr', ['one']],
  ['not (userName eq "one" or userName eq "two")', ['none']],
])('the filter %s finds %j', async (filter, names) => {
  expect(ours(await find(filter))).toEqual(names);
});

test('a PATCH path selects the element without primary', async () => {
  const operation = { op: 'replace', path: 'emails[primary eq false].value', value: 'home@two' };
  const { body } = await organization
    .scim('PATCH', `/Users/${ids[1]}`, { schemas: [PATCH], Operations: [operation] })
    .expect(200);
  expect((body as Json)['emails']).toEqual([
    { value: 'w@two', type: 'work', primary: true },
    { value: 'home@two', type: 'home' },
  ]);
});

test('schemas ne the core schema finds what has an extension, and groups have none', async () => {
  const core = 'urn:ietf:params:scim:schemas:core:2.0';
  const body = { userName: 'extended', [ENTERPRISE]: { department: 'R&D' } };
  const { id } = (await organization.scim('POST', '/Users', body).expect(201)).body as Json;
  expect(await find(`schemas ne "${core}:User"`)).toEqual(['extended']);
  expect(await find(`schemas ne "${core}:Group"`, '/Groups')).toEqual([]);
  await organization.scim('DELETE', `/Users/${id}`).expect(204);
});

test('id compares with regard to case', async () => {
  const [id = ''] = ids;
  expect(await find(`id eq "${id}"`)).toEqual(['none']);
  expect(await find(`id eq "${id.toUpperCase()}"`)).toEqual([]);
  expect(await find(`id eq "${id.toUpperCase()}" or id eq "${ids[2]}"`)).toEqual(['one']);
  expect(ours(await find(`id ne "${id.toUpperCase()}"`))).toEqual(['none', 'two', 'one']);
});

describe('200 ids', () => {
  const made = Array.from(
    { length: 198 },
    (_, n) => `019a0000-0000-7000-8000-${String(n).padStart(12, '0')}`,
  );
  const filterOf = (attribute: string) =>
    [...made.slice(0, 100), ids[0], ...made.slice(100), ids[2]]
      .map((id) => `${attribute} eq "${id}"`)
      .join(' or ');

  test('are found in a GET and in a .search', async () => {
    const filter = filterOf('id');
    expect(filter.length).toBeGreaterThan(8_192);
    expect(await find(filter)).toEqual(['none', 'one']);
    const { body } = await organization
      .scim('POST', '/Users/.search', { schemas: [SEARCH], filter })
      .expect(200);
    expect((body as Json)['totalResults']).toBe(2);
  });

  test('are found of members, too', async () => {
    const members = [{ value: ids[2] }];
    await organization.scim('POST', '/Groups', { displayName: 'Of one', members }).expect(201);
    expect(await find(filterOf('members.value'), '/Groups')).toEqual(['Of one']);
  });

  test('beside another attribute are rejected as too long, and more than 1,000 values as too many', async () => {
    for (const filter of [
      `${filterOf('id')} or title pr`,
      Array.from({ length: 1_001 }, (_, n) => `userName eq "${n}"`).join(' or '),
    ]) {
      const { body } = await organization
        .scim('POST', '/Users/.search', { schemas: [SEARCH], filter })
        .expect(400);
      expect(body).toMatchObject({ scimType: 'invalidFilter' });
    }
  });
});

test('a name that two extensions have is ambiguous, and the error shows how to write it', async () => {
  const detail = `"department" is ambiguous: write ${ACME}:department or ${ENTERPRISE}:department.`;
  const filter = encodeURIComponent('department eq "R&D"');
  expect((await organization.scim('GET', `/Users?filter=${filter}`).expect(400)).body).toMatchObject({
    detail,
  });
  const Operations = [{ op: 'add', path: 'department', value: 'R&D' }];
  expect(
    (await organization.scim('PATCH', `/Users/${ids[0]}`, { schemas: [PATCH], Operations }).expect(400)).body,
  ).toMatchObject({ detail });
  const body = { userName: 'ambiguous', department: 'R&D' };
  expect((await organization.scim('POST', '/Users', body).expect(400)).body).toMatchObject({ detail });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

let rollcall: TestRollcall;
let organization: TestOrganization;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
});

afterAll(() => rollcall.close());

const create = async (path: string, body: Json): Promise<string> =>
  ((await organization.scim('POST', path, body).expect(201)).body as Json)['id'] as string;

const patch = (path: string, ...Operations: Json[]) =>
  organization.scim('PATCH', path, { schemas: [PATCH], Operations });

const read = async (path: string): Promise<Json> =>
  (await organization.scim('GET', path).expect(200)).body as Json;

describe('the example filters of figure 2', () => {
  beforeAll(async () => {
    await create('/Users', {
      userName: 'bjensen',
      name: { familyName: "O'Malley" },
      title: 'Tour Guide',
      userType: 'Employee',
      emails: [{ value: 'bjensen@example.com', type: 'work' }],
      [ENTERPRISE]: { department: 'Tour Operations' },
    });
    await create('/Users', {
      userName: 'Jsmith',
      userType: 'Intern',
      ims: [{ value: 'jsmith@foo.com', type: 'xmpp' }],
    });
  });

  test.each([
    ['userName eq "bjensen"', ['bjensen']],
    ['name.familyName co "O\'Malley"', ['bjensen']],
    ['userName sw "J"', ['Jsmith']],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"', ['Jsmith']],
    ['title pr', ['bjensen']],
    ['meta.lastModified gt "2011-05-13T04:42:34Z"', ['bjensen', 'Jsmith']],
    ['meta.lastModified ge "2011-05-13T04:42:34Z"', ['bjensen', 'Jsmith']],
    ['meta.lastModified lt "2011-05-13T04:42:34Z"', []],
    ['meta.lastModified le "2011-05-13T04:42:34Z"', []],
    ['title pr and userType eq "Employee"', ['bjensen']],
    ['title pr or userType eq "Intern"', ['bjensen', 'Jsmith']],
    ['schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"', ['bjensen']],
    ['userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")', ['bjensen']],
    ['userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")', ['Jsmith']],
    ['userType eq "Employee" and (emails.type eq "work")', ['bjensen']],
    ['userType eq "Employee" and emails[type eq "work" and value co "@example.com"]', ['bjensen']],
    [
      'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
      ['bjensen', 'Jsmith'],
    ],
    ['userName Eq "BJENSEN"', ['bjensen']],
    ['Username eq "bjensen"', ['bjensen']],
  ])('%s', async (filter, expected) => {
    const { Resources } = await read(`/Users?filter=${encodeURIComponent(filter)}`);
    const names = (Resources as Json[]).map(({ userName }) => userName);
    expect(names.filter((name) => !String(name).startsWith('owner-'))).toEqual(expected);
  });

  test('(meta.resourceType eq User) or (meta.resourceType eq Group) at the root, as it is written there', async () => {
    const filter = encodeURIComponent('(meta.resourceType eq User) or (meta.resourceType eq Group)');
    expect((await read(`/?filter=${filter}`))['totalResults']).toBe(3);
  });
});

describe('the examples of section 3.5.2', () => {
  let babs: string;
  let james: string;
  let group: string;

  beforeAll(async () => {
    babs = await create('/Users', { userName: 'babs' });
    james = await create('/Users', { userName: 'james' });
    group = await create('/Groups', { displayName: 'Tour Guides' });
  });

  const member = (value: string, display: string) => ({
    display,
    $ref: `https://example.com/v2/Users/${value}`,
    value,
  });
  const members = async (): Promise<unknown[]> =>
    (((await read(`/Groups/${group}`))['members'] ?? []) as Json[]).map(({ value }) => value);

  test('add a member, twice, remove one, remove and add, replace all by two ways, remove all', async () => {
    const path = `/Groups/${group}`;
    const add = { op: 'add', path: 'members', value: [member(babs, 'Babs Jensen')] };
    await patch(path, add).expect(204);
    const { meta } = await read(path);
    await patch(path, add).expect(204);
    expect((await read(path))['meta']).toEqual(meta);
    expect(await members()).toEqual([babs]);

    await patch(path, { op: 'remove', path: `members[value eq "${babs}"]` }).expect(204);
    expect(await members()).toEqual([]);

    await patch(path, add).expect(204);
    await patch(
      path,
      { op: 'remove', path: `members[value eq"${babs}"]` },
      { op: 'add', path: 'members', value: [member(james, 'James Smith')] },
    ).expect(204);
    expect(await members()).toEqual([james]);

    const both = [member(babs, 'Babs Jensen'), member(james, 'James Smith')];
    await patch(path, { op: 'remove', path: 'members' }, { op: 'add', path: 'members', value: both }).expect(
      204,
    );
    expect(await members()).toEqual([babs, james]);

    await patch(path, { op: 'replace', path: 'members', value: both.slice(1) }).expect(204);
    expect(await members()).toEqual([james]);

    await patch(path, { op: 'remove', path: 'members' }).expect(204);
    expect(await members()).toEqual([]);
  });

  test('add attributes without a path', async () => {
    const value = { emails: [{ value: 'babs@jensen.org', type: 'home' }], nickname: 'Babs' };
    const { body } = await patch(`/Users/${babs}`, { op: 'add', value }).expect(200);
    expect(body).toMatchObject({ emails: value.emails, nickName: 'Babs' });
  });

  test('remove a value from a complex multi-valued attribute', async () => {
    const emails = [
      { value: 'james@example.com', type: 'work' },
      { value: 'james@example.org', type: 'work' },
    ];
    await patch(`/Users/${james}`, { op: 'add', path: 'emails', value: emails }).expect(200);
    const path = 'emails[type eq "work" and value ew "example.com"]';
    const { body } = await patch(`/Users/${james}`, { op: 'remove', path }).expect(200);
    expect((body as Json)['emails']).toEqual(emails.slice(1));
  });

  test('change the work address whole, then its street', async () => {
    const work = {
      type: 'work',
      streetAddress: '911 Universal City Plaza',
      locality: 'Hollywood',
      region: 'CA',
      postalCode: '91608',
      country: 'US',
      formatted: '911 Universal City Plaza\nHollywood, CA 91608 US',
      primary: true,
    };
    const addresses = [
      { type: 'home', country: 'US', primary: true },
      { type: 'work', country: 'NL' },
    ];
    await patch(`/Users/${babs}`, { op: 'add', path: 'addresses', value: addresses }).expect(200);
    const whole = { op: 'replace', path: 'addresses[type eq "work"]', value: work };
    expect((await patch(`/Users/${babs}`, whole).expect(200)).body).toMatchObject({
      addresses: [{ type: 'home', country: 'US', primary: false }, work],
    });
    const street = {
      op: 'replace',
      path: 'addresses[type eq "work"].streetAddress',
      value: '1010 Broadway Ave',
    };
    expect((await patch(`/Users/${babs}`, street).expect(200)).body).toMatchObject({
      addresses: [{ type: 'home' }, { ...work, streetAddress: '1010 Broadway Ave' }],
    });
  });
});

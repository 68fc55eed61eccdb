import { randomBytes, randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import request from 'supertest';
import { joins, PASSWORD, signIn, signInAsOwner, type TestUser } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { connectSaml, SECRET_KEY, type TestProvider } from '../support/sso.ts';

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let acme: TestProvider;
let shift = 0;
const lines: Json[] = [];

beforeAll(async () => {
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()) as Json);
      done();
    },
  });
  rollcall = await startRollcall({
    secretKey: SECRET_KEY,
    log: pino(sink),
    now: () => new Date(Date.now() + shift),
  });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  acme = await connectSaml(rollcall, organization, {
    domains: ['acme.example'],
    provisioning: { enabled: true },
  });
});
afterAll(() => rollcall.close());

const someone = () => `p-${randomBytes(5).toString('hex')}@acme.example`;
const fields = (email: string, userName = `name-${randomUUID()}`) => ({
  userName,
  emails: [{ value: email, type: 'work', primary: true }],
});
const post = (body: object) => organization.scim('POST', '/Users', body);
const create = async (email: string, userName?: string) =>
  ((await post(fields(email, userName)).expect(201)).body as { id: string }).id;
const replaceEmail = (id: string, email: string) =>
  organization.scim('PATCH', `/Users/${id}`, {
    schemas: [PATCH],
    Operations: [{ op: 'replace', path: 'emails', value: fields(email).emails }],
  });
const read = async (id: string) => (await owner.get(`/users/${id}`)).body as Json;
const sharedWith = async (id: string) =>
  ((await read(id))['emailSharedWith'] as { id: string } | null)?.id ?? null;
/** A user who signs in with a password and whom SCIM provisions. */
const provisionedUser = async (role = 'readonly') => {
  const user = await joins(rollcall, owner, { email: someone(), role });
  await create(user.email, user.email);
  return user;
};

describe('two users with one primary e-mail address', () => {
  test('are both accepted, found by the address and shown with it', async () => {
    const email = someone();
    const [first, second] = [await create(email), await create(email)];
    expect(second).not.toBe(first);
    const filter = encodeURIComponent(`emails.value eq "${email.toUpperCase()}"`);
    const { body } = await organization.scim('GET', `/Users?filter=${filter}`).expect(200);
    const found = (body as { Resources: { id: string; emails: object[] }[] }).Resources;
    expect(found.map(({ id }) => id).sort()).toEqual([first, second].sort());
    for (const { emails } of found) expect(emails).toMatchObject([{ value: email }]);
  });

  test('are distinguished over REST and in the log: the second shares the address of the first', async () => {
    const email = someone();
    const first = await create(email);
    lines.length = 0;
    const second = await create(email);
    expect(lines.find(({ msg }) => msg === 'request')).toMatchObject({ emailSharedWith: first });
    expect(await read(first)).toMatchObject({ email, emailSharedWith: null });
    expect(await read(second)).toMatchObject({ email, emailSharedWith: { id: first } });
  });

  test('are accepted concurrently: one of them has the address', async () => {
    const email = someone();
    const ids = await Promise.all(Array.from({ length: 8 }, () => create(email)));
    const shared = await Promise.all(ids.map(sharedWith));
    expect(shared.filter((id) => id === null)).toHaveLength(1);
  });

  test('an address that is only a userName is taken as well', async () => {
    const email = someone();
    const first = await create(email);
    const second = ((await post({ userName: email }).expect(201)).body as { id: string }).id;
    expect(await sharedWith(second)).toBe(first);
  });
});

describe('the address of an administrator, given to another user over SCIM', () => {
  test('moves neither sign-in nor password reset, whichever request gives it', async () => {
    const admin = await provisionedUser('admin');
    const attacker = await create(admin.email);
    const other = await create(someone());
    await replaceEmail(other, admin.email).expect(200);
    await organization.scim('PUT', `/Users/${attacker}`, fields(admin.email, 'attacker')).expect(200);
    expect((await signIn(rollcall.server, admin.email, PASSWORD)).id).toBe(admin.id);
    await request(rollcall.server)
      .post('/api/v1/auth/password-reset')
      .send({ email: admin.email })
      .expect(202);
    const resets = await rollcall.rollcall.db.search<{ user_id: string }>(
      'select user_id from password_resets where org_id = $1',
      [organization.org],
    );
    expect(resets).toEqual([{ user_id: admin.id }]);
    expect([await sharedWith(attacker), await sharedWith(other)]).toEqual([admin.id, admin.id]);
  });

  test('does not let single sign-on choose between the two', async () => {
    const admin = await provisionedUser('admin');
    const attacker = await create(admin.email);
    const browser = createBrowser();
    await acme.signIn(browser, { nameId: admin.email, attributes: [['email', [admin.email]]] });
    expect((await browser.get(`${acme.publicUrl}/`)).text).not.toContain('Sign out');
    const [trace] = await rollcall.rollcall.db.search<{ reason: string }>(
      'select reason from sso_traces where connection_id = $1 order by id desc limit 1',
      [acme.connection],
    );
    expect(trace?.reason).toBe('email_shared');
    const links = await rollcall.rollcall.db.search('select from identities where user_id = any($1)', [
      [admin.id, attacker],
    ]);
    expect(links).toHaveLength(0);
  });

  test('does not bring a deactivated user back under a variant', async () => {
    const email = someone();
    await create(email);
    const inactive = await create(email);
    await organization
      .scim('PATCH', `/Users/${inactive}`, {
        schemas: [PATCH],
        Operations: [{ op: 'replace', path: 'active', value: false }],
      })
      .expect(200);
    const variant = email.replace('@', '+1@');
    await acme.signIn(createBrowser(), { nameId: variant, attributes: [['email', [variant]]] });
    expect((await owner.get(`/users?q=${encodeURIComponent(variant)}`)).body.data).toEqual([]);
  });

  test('is a duplicate for an invitation, also once the first has given it up', async () => {
    const email = someone();
    const first = await create(email);
    await create(email);
    expect((await owner.post('/invitations', { email })).body).toMatchObject({ detail: 'Duplicate email' });
    await replaceEmail(first, someone()).expect(200);
    expect((await owner.post('/invitations', { email })).body).toMatchObject({ detail: 'Duplicate email' });
  });
});

describe('an address that becomes free', () => {
  const freed = async () => {
    const email = someone();
    const [first, second] = [await create(email), await create(email)];
    await organization.scim('DELETE', `/Users/${first}`).expect(204);
    return { email, second };
  };
  const signsInWith = async (email: string) => {
    const rows = await rollcall.rollcall.db.search<{ id: string }>(
      'select id from users where org_id = $1 and email_key = $2',
      [organization.org, email],
    );
    return rows.map(({ id }) => id);
  };

  test.each([
    ['a PUT of what is there', (id: string, body: object) => organization.scim('PUT', `/Users/${id}`, body)],
    [
      'a PATCH of active',
      (id: string) =>
        organization.scim('PATCH', `/Users/${id}`, {
          schemas: [PATCH],
          Operations: [{ op: 'replace', path: 'active', value: false }],
        }),
    ],
  ])('is claimed by the next write of the user who shared it: %s', async (_, write) => {
    const { email, second } = await freed();
    expect(await signsInWith(email)).toEqual([]);
    const { body } = await organization.scim('GET', `/Users/${second}`);
    await write(second, fields(email, (body as { userName: string }).userName)).expect(200);
    expect(await signsInWith(email)).toEqual([second]);
    expect(await sharedWith(second)).toBeNull();
  });

  test('is claimed by a change over REST', async () => {
    const { email, second } = await freed();
    expect((await owner.patch(`/users/${second}?force=true`, { name: 'New Name' })).status).toBe(200);
    expect(await signsInWith(email)).toEqual([second]);
  });

  test('is claimed by one of several who shared it, when all are written concurrently', async () => {
    const email = someone();
    const [first, ...others] = [
      await create(email),
      await create(email),
      await create(email),
      await create(email),
    ];
    await organization.scim('DELETE', `/Users/${first}`).expect(204);
    const retitle = (id: string) =>
      organization.scim('PATCH', `/Users/${id}`, {
        schemas: [PATCH],
        Operations: [{ op: 'replace', path: 'title', value: 'Clerk' }],
      });
    const answers = await Promise.all(
      others.flatMap((id) => [
        retitle(id).then(({ status }) => status),
        owner.patch(`/users/${id}?force=true`, { name: 'New Name' }).then(({ status }) => status),
      ]),
    );
    expect(answers).toEqual(answers.map(() => 200));
    const [holder, ...more] = await signsInWith(email);
    expect([others.includes(holder as string), more]).toEqual([true, []]);
    expect(await Promise.all(others.map(sharedWith))).toEqual(
      others.map((id) => (id === holder ? null : holder)),
    );
  });

  test('stays where it is when the user who shared it takes another', async () => {
    const email = someone();
    const [first, second] = [await create(email), await create(email)];
    const own = someone();
    await replaceEmail(second, own).expect(200);
    expect([await signsInWith(email), await signsInWith(own)]).toEqual([[first], [second]]);
  });
});

describe('uniqueEmails of a connection', () => {
  const set = async (uniqueEmails: boolean) => {
    shift += 1_001;
    return owner.patch(`/scim/connections/${organization.connection}`, { uniqueEmails });
  };
  const uniqueness = async () => {
    const { body } = await organization
      .scim('GET', '/Schemas/urn:ietf:params:scim:schemas:core:2.0:User')
      .expect(200);
    type Attribute = { name: string; uniqueness?: string; subAttributes?: Attribute[] };
    const { attributes } = body as { attributes: Attribute[] };
    const emails = attributes.find(({ name }) => name === 'emails');
    return emails?.subAttributes?.find(({ name }) => name === 'value')?.uniqueness;
  };

  test('rejects a second user of the address, and /Schemas declares it', async () => {
    const email = someone();
    await create(email);
    expect(await uniqueness()).toBe('none');
    expect((await set(true)).body).toMatchObject({ uniqueEmails: true });
    expect(await uniqueness()).toBe('server');
    const refused = await post(fields(email));
    expect([refused.status, (refused.body as Json)['scimType']]).toEqual([409, 'uniqueness']);
    const third = await create(someone());
    const moved = await replaceEmail(third, email);
    expect([moved.status, (moved.body as Json)['scimType']]).toEqual([409, 'uniqueness']);
    expect((await set(false)).body).toMatchObject({ uniqueEmails: false });
    await post(fields(email)).expect(201);
  });

  test('leaves users alone who share an address already: they are changed, deactivated and replaced', async () => {
    const email = someone();
    const [first, second] = [await create(email), await create(email)];
    await set(true);
    const patch = (path: string, value: unknown) =>
      organization.scim('PATCH', `/Users/${second}`, {
        schemas: [PATCH],
        Operations: [{ op: 'replace', path, value }],
      });
    await patch('title', 'Clerk').expect(200);
    await patch('active', false).expect(200);
    const { body } = await organization.scim('GET', `/Users/${second}`).expect(200);
    await organization.scim('PUT', `/Users/${second}`, { ...(body as Json), active: true }).expect(200);
    await patch('emails', [{ value: email.toUpperCase(), type: 'home', primary: true }]).expect(200);
    expect(await sharedWith(second)).toBe(first);
    await organization.scim('DELETE', `/Users/${first}`).expect(204);
    await patch('title', 'Chief').expect(200);
    expect(await sharedWith(second)).toBeNull();
    await set(false);
  });
});

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, mailsTo, signInAsOwner, type TestUser } from '../support/admin.ts';
import { type Browser, createBrowser } from '../support/browser.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { connectSaml, SECRET_KEY, type TestProvider } from '../support/sso.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
/** Creates users of acme.example, a domain that it has proved. */
let acme: TestProvider;

beforeAll(async () => {
  rollcall = await startRollcall({ secretKey: SECRET_KEY });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  acme = await connectSaml(rollcall, organization, {
    domains: ['acme.example'],
    provisioning: { enabled: true, groupAttribute: 'memberOf' },
  });
});
afterAll(() => rollcall.close());

const someone = (domain = 'acme.example') => `p-${randomBytes(5).toString('hex')}@${domain}`;

/** A user's attributes at a provider. */
const says = (email: string, more: Record<string, readonly string[]> = {}) => ({
  nameId: email,
  attributes: [['email', [email]] as const, ...Object.entries(more)],
});

const find = async (email: string) => (await owner.get(`/users?q=${email}`)).body.data[0];

/** The reason of the newest trace. */
async function lastReason(connection: string): Promise<string | null> {
  const [row] = await rollcall.rollcall.db.search<{ reason: string | null }>(
    'select reason from sso_traces where connection_id = $1 order by id desc limit 1',
    [connection],
  );
  return row?.reason ?? null;
}

/** Whether the browser is signed in. */
const isIn = async (browser: Browser): Promise<boolean> =>
  (await browser.get(`${acme.publicUrl}/`)).text.includes('Sign out');

describe('just-in-time provisioning', () => {
  test('R48, R49: the first sign-in creates the user, active, with name and group, and signs in', async () => {
    await owner.post('/groups', { name: 'Support Team' });
    const email = someone();
    const browser = createBrowser();
    const page = await acme.signIn(
      browser,
      says(email, { displayName: ['John Doe'], memberOf: ['Support Team', 'Unknown Team'] }),
    );
    expect(page.text).toContain('Hello, John Doe');
    const user = await find(email);
    expect(user).toMatchObject({ status: 'active', role: 'readonly', source: 'sso', name: 'John Doe' });
    expect(user.groups.map(({ name }: { name: string }) => name)).toEqual(['Support Team']);
    expect(user.lastLoginAt).not.toBeNull();
  });

  test('the second sign-in is the same user, and name and groups follow', async () => {
    const email = someone();
    await owner.post('/groups', { name: 'Second Team' });
    await acme.signIn(
      createBrowser(),
      says(email, { displayName: ['Old Name'], memberOf: ['Support Team'] }),
    );
    await acme.signIn(createBrowser(), says(email, { displayName: ['New Name'], memberOf: ['Second Team'] }));
    const user = await find(email);
    expect(user.name).toBe('New Name');
    expect(user.groups.map(({ name }: { name: string }) => name)).toEqual(['Second Team']);
  });

  test('a membership that an administrator gave stays when the provider does not name the group', async () => {
    const email = someone();
    const { body: group } = await owner.post('/groups', { name: 'By Hand' });
    await acme.signIn(createBrowser(), says(email, { memberOf: ['Support Team'] }));
    const { id } = await find(email);
    await owner.post(`/groups/${group.id}/members`, { userIds: [id] });
    await acme.signIn(createBrowser(), says(email, { memberOf: ['Second Team'] }));
    const names = (await find(email)).groups.map(({ name }: { name: string }) => name);
    expect(names.sort()).toEqual(['By Hand', 'Second Team']);
  });

  test('no groups in the assertion leave the memberships as they are', async () => {
    const email = someone();
    await acme.signIn(createBrowser(), says(email, { memberOf: ['Support Team'] }));
    await acme.signIn(createBrowser(), says(email));
    expect((await find(email)).groups).toHaveLength(1);
  });

  test('Entra’s link in place of groups leaves them as they are, and nothing is fetched', async () => {
    const email = someone();
    await acme.signIn(createBrowser(), says(email, { memberOf: ['Support Team'] }));
    const link = { 'http://schemas.microsoft.com/claims/groups.link': ['http://127.0.0.1:1/graph'] };
    const page = await acme.signIn(createBrowser(), says(email, { memberOf: ['Second Team'], ...link }));
    expect(page.text).toContain('Sign out');
    expect((await find(email)).groups.map(({ name }: { name: string }) => name)).toEqual(['Support Team']);
  });

  test('1,050 groups of a provider are too many to be meant: memberships stay; 10,000 do not even fit', async () => {
    const email = someone();
    const groups = (count: number) => Array.from({ length: count }, (_, n) => `Group ${n}`);
    const page = await acme.signIn(createBrowser(), says(email, { memberOf: groups(1_050) }));
    expect(page.text).toContain('Sign out');
    expect((await find(email)).groups).toEqual([]);
    const refused = await acme.signIn(createBrowser(), says(email, { memberOf: groups(2_500) }));
    expect([refused.status, await lastReason(acme.connection)]).toEqual([403, 'message_too_large']);
    const huge = await acme.signIn(createBrowser(), says(email, { memberOf: groups(10_000) }));
    expect(huge.status).toBe(413);
  });

  test('R51: with JIT off no one is created: "Account not found"', async () => {
    const off = await connectSaml(rollcall, organization, {
      provisioning: { allowedDomains: ['acme.example'] },
    });
    const email = someone('off.example');
    const page = await off.signIn(createBrowser(), says(email));
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('Account not found')]);
    expect(await find(email)).toBeUndefined();
    expect(await lastReason(off.connection)).toBe('account_not_found');
  });

  test('R52: a domain outside the list is rejected; look-alikes are other domains', async () => {
    for (const domain of [
      'elsewhere.example',
      'acme.example.evil.example',
      'sub.acme.example',
      'notacme.example',
    ]) {
      const page = await acme.signIn(createBrowser(), says(someone(domain)));
      expect([domain, page.status, await lastReason(acme.connection)]).toEqual([
        domain,
        403,
        'domain_not_allowed',
      ]);
    }
  });

  test('R54: unknown groups are created where that is on', async () => {
    const creating = await connectSaml(rollcall, organization, {
      provisioning: {
        enabled: true,
        groupAttribute: 'memberOf',
        autoCreateGroups: true,
        allowedDomains: ['made.example'],
      },
    });
    const email = someone('made.example');
    await creating.signIn(createBrowser(), says(email, { memberOf: ['Brand New'] }));
    expect((await find(email)).groups.map(({ name }: { name: string }) => name)).toEqual(['Brand New']);
    const { body } = await owner.get('/groups?q=Brand');
    expect(body.data[0].source).toBe('sso');
  });

  test('the highest role that groups are mapped to is given, and followed where they are the source', async () => {
    const mapping = await connectSaml(rollcall, organization, {
      provisioning: {
        enabled: true,
        groupAttribute: 'memberOf',
        roleSource: 'idp_groups',
        allowedDomains: ['mapped.example'],
        roleMapping: [
          { group: 'Leads', role: 'configure' },
          { group: 'Trainers', role: 'train' },
        ],
      },
    });
    const email = someone('mapped.example');
    const first = createBrowser();
    await mapping.signIn(first, says(email, { memberOf: ['Trainers', 'Leads'] }));
    expect((await find(email)).role).toBe('configure');
    const second = createBrowser();
    await mapping.signIn(second, says(email, { memberOf: ['Trainers'] }));
    expect((await find(email)).role).toBe('train');
    expect([await isIn(first), await isIn(second)]).toEqual([false, true]);
    await mapping.signIn(createBrowser(), says(email, { memberOf: [] }));
    expect((await find(email)).role).toBe('readonly');
  });

  test('two concurrent first logins create one user, and both sign in', async () => {
    const email = someone();
    const browsers = Array.from({ length: 4 }, () => createBrowser());
    const pages = await Promise.all(browsers.map((browser) => acme.signIn(browser, says(email))));
    expect(pages.map(({ text }) => text.includes('Sign out'))).toEqual([true, true, true, true]);
    expect((await owner.get(`/users?q=${email}`)).body.data).toHaveLength(1);
  });

  test.each([
    ['no e-mail', [['email', ['']]], 'opaque-1', 'email_missing'],
    ['something that is not an address', [['email', ['jane at acme']]], 'opaque-2', 'email_invalid'],
    ['two addresses', [['email', ['a@acme.example', 'b@acme.example']]], 'opaque-3', 'attribute_ambiguous'],
  ] as const)('a provider that sends %s lets no user in', async (_what, attributes, nameId, reason) => {
    const page = await acme.signIn(createBrowser(), { nameId, attributes });
    expect([page.status, await lastReason(acme.connection)]).toEqual([403, reason]);
  });

  test('marks that change the direction of text are removed from a name; a name of 1 MB is dropped', async () => {
    const email = someone();
    await acme.signIn(createBrowser(), says(email, { displayName: ['Jane \u202Enimda'] }));
    expect((await find(email)).name).toBe('Jane nimda');
    const big = await acme.signIn(
      createBrowser(),
      says(someone(), { displayName: ['J'.repeat(1024 * 1024)] }),
    );
    expect(big.status).toBe(413);
  });
});

describe('who it is', () => {
  test('R53: a pending invitee becomes active with the invited role and groups, and the invitation is used up', async () => {
    const email = someone();
    await owner.post('/invitations', { email, role: 'train', groups: ['Support Team'] });
    const page = await acme.signIn(createBrowser(), says(email, { displayName: ['Other Name'] }));
    expect(page.text).toContain('Sign out');
    const user = await find(email);
    expect(user).toMatchObject({ status: 'active', role: 'train', source: 'invitation' });
    expect(user.groups.map(({ name }: { name: string }) => name)).toEqual(['Support Team']);
    const { body } = await owner.get('/invitations');
    expect(body.data.filter((each: { email: string }) => each.email === email)).toEqual([]);
  });

  test('R56: an inactive user is rejected and not created anew', async () => {
    const email = someone();
    const browser = createBrowser();
    await acme.signIn(browser, says(email));
    const { id } = await find(email);
    await owner.post(`/users/${id}/deactivate`, {});
    expect(await isIn(browser)).toBe(false);
    const page = await acme.signIn(createBrowser(), says(email));
    expect([page.status, await lastReason(acme.connection)]).toEqual([403, 'account_inactive']);
    expect((await owner.get(`/users?q=${email}`)).body.data).toHaveLength(1);
  });

  test('what SCIM deactivated or deleted no assertion revives', async () => {
    const mixed = await connectSaml(rollcall, organization, {
      connection: organization.connection,
      domains: ['scim.example'],
      provisioning: { enabled: true, whenScim: 'go_on' },
    });
    const email = someone('scim.example');
    const user = {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: email,
      externalId: `x-${email}`,
    };
    const { body } = await organization.scim('POST', '/Users', user);
    expect((await mixed.signIn(createBrowser(), says(email))).text).toContain('Sign out');
    const patch = (value: boolean) => ({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value }],
    });
    await organization.scim('PATCH', `/Users/${body.id}`, patch(false));
    await mixed.signIn(createBrowser(), says(email));
    expect(await lastReason(mixed.connection)).toBe('account_inactive');
    await organization.scim('PATCH', `/Users/${body.id}`, patch(true));
    expect((await mixed.signIn(createBrowser(), says(email))).text).toContain('Sign out');
    await organization.scim('DELETE', `/Users/${body.id}`);
    for (const nameId of [email, `x-${email}`]) {
      const page = await mixed.signIn(createBrowser(), { ...says(email), nameId });
      expect([page.status, await lastReason(mixed.connection)]).toEqual([403, 'account_deleted']);
    }
    // An explicit act of the directory brings them back.
    await organization.scim('POST', '/Users', user);
    expect((await mixed.signIn(createBrowser(), { ...says(email), nameId: `x-${email}` })).text).toContain(
      'Sign out',
    );
  });

  test('what SCIM owns no assertion overwrites', async () => {
    const user = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'] };
    const other = await connectSaml(rollcall, organization, {
      domains: ['scim2.example'],
      provisioning: { enabled: true },
    });
    const joined = someone('scim2.example');
    await other.signIn(createBrowser(), says(joined, { displayName: ['From SSO'] }));
    await organization.scim('POST', '/Users', {
      ...user,
      userName: joined,
      externalId: joined,
      displayName: 'From SCIM',
    });
    await other.signIn(createBrowser(), says(joined, { displayName: ['From SSO again'] }));
    expect((await find(joined)).name).toBe('From SCIM');
  });

  test('once SCIM uses the connection, no one is created at sign-in unless that is wanted', async () => {
    const second = await rollcall.organization({ name: 'Scim Only' });
    await second.scim('GET', '/Users');
    const provider = await connectSaml(rollcall, second, {
      connection: second.connection,
      domains: ['scimonly.example'],
      provisioning: { enabled: true },
    });
    const page = await provider.signIn(createBrowser(), says(someone('scimonly.example')));
    expect([page.status, await lastReason(provider.connection)]).toEqual([403, 'account_not_found']);
  });

  describe('R57: a user is known by the subject, whatever the address is now', () => {
    const moves = async (from: string, to: string) => {
      const nameId = `okta-${randomBytes(4).toString('hex')}`;
      await acme.signIn(createBrowser(), { ...says(from), nameId });
      const { id } = await find(from);
      const page = await acme.signIn(createBrowser(), { ...says(to), nameId });
      expect(page.text).toContain('Sign out');
      const { body } = await owner.get(`/users/${id}`);
      return body.email as string;
    };

    test('which follows where the domain is proved, so that the old one is free for another user', async () => {
      const [from, to] = [someone(), someone()];
      expect(await moves(from, to)).toBe(to);
      const { body } = await organization.scim('GET', `/Users?filter=userName eq "${to}"`);
      expect(body).toMatchObject({
        totalResults: 1,
        Resources: [{ userName: to, emails: [{ value: to, type: 'work', primary: true }] }],
      });
      const page = await acme.signIn(createBrowser(), { ...says(from), nameId: `new-${from}` });
      expect(page.text).toContain(from);
    });

    test('which stays where the domain is not', async () => {
      const from = someone();
      expect(await moves(from, someone('elsewhere.example'))).toBe(from);
    });

    test('which stays if another user has the new one', async () => {
      const [from, to] = [someone(), someone()];
      await owner.post('/invitations', { email: to, role: 'readonly' });
      expect(await moves(from, to)).toBe(from);
    });
  });

  test('another subject with the same address is rejected', async () => {
    const email = someone();
    await acme.signIn(createBrowser(), { ...says(email), nameId: 'first-subject' });
    const page = await acme.signIn(createBrowser(), { ...says(email), nameId: 'second-subject' });
    expect([page.status, await lastReason(acme.connection)]).toEqual([403, 'subject_changed']);
  });

  test('a NameID that differs in case is another subject, unless it is an address', async () => {
    const email = someone();
    await acme.signIn(createBrowser(), { ...says(email), nameId: 'CaseSensitive' });
    await acme.signIn(createBrowser(), { ...says(email), nameId: 'casesensitive' });
    expect(await lastReason(acme.connection)).toBe('subject_changed');
    const entra = await connectSaml(rollcall, organization, {
      provider: 'Microsoft Entra ID',
      domains: ['entra.example'],
      provisioning: { enabled: true },
    });
    const upn = someone('entra.example');
    await entra.signIn(createBrowser(), says(upn));
    const again = await entra.signIn(createBrowser(), { ...says(upn), nameId: upn.toUpperCase() });
    expect(again.text).toContain('Sign out');
  });

  test('an account that is there is not accepted over: its owner confirms by mail, and looking changes nothing', async () => {
    const email = someone();
    const user = await joins(rollcall, owner, { email });
    const page = await acme.signIn(createBrowser(), says(email));
    expect(page.text).toContain('Check your email');
    expect(await lastReason(acme.connection)).toBe('link_unconfirmed');
    const mail = (await mailsTo(rollcall, email)).at(-1);
    const link = /\/sso\/confirm\/token_\w+/.exec(mail?.text ?? '')?.[0] as string;
    const browser = createBrowser();
    await browser.get(acme.publicUrl + link);
    expect((await acme.signIn(createBrowser(), says(email))).text).not.toContain('Sign out');
    const confirm = await browser.get(acme.publicUrl + link);
    expect(confirm.text).toContain('through Acme Okta.');
    expect((await browser.submit(confirm)).text).toContain('Connected');
    expect((await acme.signIn(createBrowser(), says(email))).text).toContain('Sign out');
    expect((await find(email)).id).toBe(user.id);
    expect((await browser.get(acme.publicUrl + link)).status).toBe(404);
  });

  test('in the browser of the account’s own session no mail is needed', async () => {
    const email = someone();
    await joins(rollcall, owner, { email });
    const browser = createBrowser();
    const form = await browser.get(`${acme.publicUrl}/sign-in?with=password`);
    await browser.submit(form, { email, password: 'plain sailing 42 ways' });
    expect(await isIn(browser)).toBe(true);
    expect((await acme.signIn(browser, says(email))).text).toContain('Sign out');
    expect((await acme.signIn(createBrowser(), says(email))).text).toContain('Sign out');
  });

  test('nOAuth: an address of a domain that the connection has not proved opens nothing', async () => {
    const foreign = await connectSaml(rollcall, organization, {
      provisioning: { enabled: true, allowedDomains: ['rollcall.example'] },
    });
    const page = await foreign.signIn(createBrowser(), says(organization.ownerEmail));
    expect([page.status, await lastReason(foreign.connection)]).toEqual([403, 'domain_unverified']);
  });

  test('no user is created in a domain that another connection has verified', async () => {
    const foreign = await connectSaml(rollcall, organization, {
      provisioning: { enabled: true, allowedDomains: ['acme.example'] },
    });
    await foreign.signIn(createBrowser(), says(someone()));
    expect(await lastReason(foreign.connection)).toBe('domain_elsewhere');
  });

  test('R141: a locked account cannot sign in through a provider either', async () => {
    const email = someone();
    await acme.signIn(createBrowser(), says(email));
    await rollcall.rollcall.db.search('update users set locked_at = now() where email_key = $1', [email]);
    await acme.signIn(createBrowser(), says(email));
    expect(await lastReason(acme.connection)).toBe('account_locked');
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import {
  anonymous,
  invitationToken,
  joins,
  mailedToken,
  mailsTo,
  PASSWORD,
  signInAsOwner,
  type TestUser,
} from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { connectSaml, SECRET_KEY } from '../support/sso.ts';

/** A mailed link is good for the mailbox that it was sent to, and for the time until its user is deactivated. */
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall({ secretKey: SECRET_KEY });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const patch = (id: string, value: object) =>
  organization
    .scim('PATCH', `/Users/${id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', value }],
    })
    .expect(200);
const moves = (id: string, to: string) =>
  patch(id, { userName: to, emails: [{ value: to, type: 'work', primary: true }] });
const accept = (token: string) =>
  request(rollcall.server).post(`/api/v1/invite/${token}/accept`).send({ password: PASSWORD });
const anyone = () => `p${Math.random().toString(36).slice(2)}@rollcall.example`;

async function resetToken(email: string): Promise<string> {
  await anonymous(rollcall.server).post('/auth/password-reset', { email }).expect(202);
  return mailedToken(rollcall, email, /#(reset_[\w-]+)/);
}
const reset = (token: string, password = 'a new one, 12 long') =>
  anonymous(rollcall.server).post('/auth/password-reset/confirm', { token, password });

describe('an invitation', () => {
  test('is not accepted from the mailbox of an address that the user has no more', async () => {
    const email = anyone();
    await owner.post('/invitations', { email, role: 'admin', reason: 'They run it.' }).expect(201);
    const token = await invitationToken(rollcall, email);
    const { id } = (await owner.get(`/users?q=${email}`)).body.data[0];
    await moves(id, anyone());
    expect((await accept(token)).status).toBe(404);
  });

  test('that is sent again to the new address is accepted', async () => {
    const [before, after] = [anyone(), anyone()];
    await owner.post('/invitations', { email: before }).expect(201);
    const open = (await owner.get('/invitations')).body.data;
    const { id, user } = open.find((each: { user: { email: string } }) => each.user.email === before);
    await moves(user.id, after);
    await owner.post(`/invitations/${id}/resend`).expect(200);
    expect((await accept(await invitationToken(rollcall, after))).status).toBe(200);
  });
});

describe('a link to set a new password', () => {
  test('sets none once the user has another address', async () => {
    const user = await joins(rollcall, owner);
    const token = await resetToken(user.email);
    await moves(user.id, anyone());
    expect((await reset(token)).body.code).toBe('reset_expired');
  });

  test('from before a deactivation sets none after it', async () => {
    const user = await joins(rollcall, owner);
    const token = await resetToken(user.email);
    await patch(user.id, { active: false });
    await patch(user.id, { active: true });
    expect((await reset(token)).body.code).toBe('reset_expired');
    expect((await reset(await resetToken(user.email))).status).toBe(204);
  });

  test('sets none once the password was changed', async () => {
    const user = await joins(rollcall, owner);
    const token = await resetToken(user.email);
    await user
      .post('/me/password', { currentPassword: PASSWORD, newPassword: 'changed by myself 7' })
      .expect(204);
    expect((await reset(token)).body.code).toBe('reset_expired');
  });

  test('sets none once another link was used', async () => {
    const user = await joins(rollcall, owner);
    const [one, other] = [await resetToken(user.email), await resetToken(user.email)];
    expect((await reset(one)).status).toBe(204);
    expect((await reset(other, 'yet another one 12')).body.code).toBe('reset_expired');
  });

  test('is not mailed to a user who signs in through a provider and never had a password', async () => {
    const domain = 'made.example';
    const saml = await connectSaml(rollcall, organization, {
      domains: [domain],
      provisioning: { enabled: true },
    });
    const email = `jane@${domain}`;
    await saml.signIn(createBrowser(), { nameId: email, attributes: [['email', [email]]] });
    await anonymous(rollcall.server).post('/auth/password-reset', { email }).expect(202);
    expect((await mailsTo(rollcall, email)).filter(({ text }) => text?.includes('#reset_'))).toEqual([]);
  });
});

test('a link that confirms an identity confirms none once the user has another address', async () => {
  const domain = 'confirm.example';
  const saml = await connectSaml(rollcall, organization, { domains: [domain] });
  const email = `jane@${domain}`;
  const user = await joins(rollcall, owner, { email });
  await saml.signIn(createBrowser(), { nameId: 'jane-at-idp', attributes: [['email', [email]]] });
  const mail = (await mailsTo(rollcall, email)).findLast(({ text }) => text?.includes('/sso/confirm/'));
  const path = /\/sso\/confirm\/token_\w+/.exec(mail?.text ?? '')?.[0] as string;
  expect((await request(rollcall.server).get(path)).status).toBe(200);
  await moves(user.id, anyone());
  expect((await request(rollcall.server).get(path)).status).toBe(404);
});

import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import {
  anonymous,
  invitationToken,
  joins,
  mailsTo,
  PASSWORD,
  signIn,
  signInAsOwner,
  type TestUser,
} from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let clock = Date.now();

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(clock) });
  organization = await rollcall.organization({ name: 'Acme & Söhne' });
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const DAY = 86_400_000;
let number = 0;
const address = () => `invitee-${++number}@rollcall.example`;
const look = (token: string) => anonymous(rollcall.server).get(`/invite/${token}`);
const accept = (token: string, body: object = { password: PASSWORD }) =>
  anonymous(rollcall.server).post(`/invite/${token}/accept`, body);

describe('R5 to R11, R20: inviting', () => {
  test('R5: an address is trimmed and must be one, with the sentence of the specification', async () => {
    const email = address();
    expect((await owner.post('/invitations', { email: `  ${email} ` })).body.user.email).toBe(email);
    for (const wrong of [
      'plain',
      '@rollcall.example',
      'a@',
      'a@b',
      'a b@c.example',
      'a@b.example\nBcc: x@y.example',
      '<a@b.example>',
    ]) {
      const { status, body } = await owner.post('/invitations', { email: wrong });
      expect([wrong, status, body.errors[0].message]).toEqual([wrong, 422, 'Invalid email format']);
    }
  });

  test('R5, R20: an address that is accepted is "Duplicate email", in whatever case', async () => {
    const email = address();
    await owner.post('/invitations', { email });
    const { status, body } = await owner.post('/invitations', { email: email.toUpperCase() });
    expect([status, body.code, body.detail]).toEqual([409, 'email_taken', 'Duplicate email']);
  });

  test('R7, R131: the default is readonly; unknown roles are "Invalid role"', async () => {
    expect((await owner.post('/invitations', { email: address() })).body.user.role).toBe('readonly');
    for (const role of ['Admin', 'manager', '', 'owner']) {
      const { status, body } = await owner.post('/invitations', { email: address(), role });
      expect([status, body.errors[0].message]).toEqual([422, 'Invalid role']);
    }
  });

  test('R8: groups by id or name; an unknown one is "Group not found" and no one is invited', async () => {
    const { id } = (await owner.post('/groups', { name: 'Sales Team' })).body;
    const { body } = await owner.post('/invitations', { email: address(), groups: ['sales team'] });
    expect(body.user.groups).toMatchObject([{ id, name: 'Sales Team' }]);
    const email = address();
    const refused = await owner.post('/invitations', { email, groups: ['Nowhere'] });
    expect([refused.status, refused.body.detail]).toEqual([422, 'Group not found']);
    expect((await owner.get(`/users?q=${email}`)).body.data).toEqual([]);
  });

  test('R11: the user is in the list as pending', async () => {
    const email = address();
    await owner.post('/invitations', { email });
    expect((await owner.get(`/users?q=${email}`)).body.data[0]).toMatchObject({ status: 'pending', email });
    const waiting = (await owner.get('/invitations?limit=200')).body.data;
    expect(waiting.map((each: { user: { email: string } }) => each.user.email)).toContain(email);
  });

  test('R118: without a group it warns', async () => {
    expect((await owner.post('/invitations', { email: address() })).body.warnings[0]).toContain('no group');
  });

  test('R120: an admin from the first day needs a reason', async () => {
    const refused = await owner.post('/invitations', { email: address(), role: 'admin' });
    expect([refused.status, refused.body.code]).toEqual([422, 'reason_required']);
    expect(
      (await owner.post('/invitations', { email: address(), role: 'admin', reason: 'Runs IT.' })).status,
    ).toBe(201);
  });

  test('two concurrent ones create one user', async () => {
    const email = address();
    const both = await Promise.all([
      owner.post('/invitations', { email }),
      owner.post('/invitations', { email }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(await mailsTo(rollcall, email)).toHaveLength(1);
  });

  test('with an Idempotency-Key is done once, however often it is sent', async () => {
    const email = address();
    const send = (body: object) => owner.post('/invitations', body).set('Idempotency-Key', `key-${email}`);
    const first = await send({ email });
    const again = await send({ email });
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect((await send({ email: address() })).body.code).toBe('idempotency_key_reused');
    expect(await mailsTo(rollcall, email)).toHaveLength(1);
  });
});

describe('R12 to R19: the mail and its link', () => {
  test('R14, R15, R16: the link, the end in both forms, and who invites', async () => {
    const admin = await joins(rollcall, owner, { role: 'admin', name: 'Ada <Admin>' });
    const email = address();
    const { invitation } = (await admin.post('/invitations', { email })).body;
    const [mail] = (await mailsTo(rollcall, email)) as [ParsedMail];
    expect(mail.text).toMatch(/\/invite\/token_[A-Za-z0-9]{32,}$/m);
    expect(mail.text).toContain(invitation.expiresAt);
    expect(mail.text).toContain(' UTC');
    expect(mail.text).toContain('Ada <Admin>');
    expect(mail.html).toContain('Ada &lt;Admin&gt;');
    expect(mail.subject).toBe('Ada <Admin> invites you to Acme & Söhne');
  });

  test('R17: looking changes nothing, however often', async () => {
    const email = address();
    await owner.post('/invitations', { email });
    const token = await invitationToken(rollcall, email);
    for (let round = 0; round < 3; round += 1) expect((await look(token)).body.email).toBe(email);
    expect((await owner.get(`/users?q=${email}`)).body.data[0].status).toBe('pending');
    expect((await accept(token)).status).toBe(200);
  });

  test('R18: the token is at rest as a hash only', async () => {
    const email = address();
    await owner.post('/invitations', { email });
    const dump = await rollcall.rollcall.db.search<{ t: string }>(
      'select string_agg(i::text, $1) as t from invitations i',
      [','],
    );
    const jobs = await rollcall.rollcall.db.search<{ t: string | null }>(
      'select string_agg(j::text, $1) as t from jobs j',
      [','],
    );
    const token = await invitationToken(rollcall, email);
    expect(dump[0]?.t).not.toContain(token.slice(6));
    expect(jobs[0]?.t ?? '').not.toContain(token.slice(6));
    expect(jobs[0]?.t ?? '').not.toContain(email);
  });

  test('R12: is valid for 7 days and not a second more', async () => {
    const [early, late] = [address(), address()];
    await owner.post('/invitations', { email: early });
    await owner.post('/invitations', { email: late });
    const [first, second] = [await invitationToken(rollcall, early), await invitationToken(rollcall, late)];
    clock += 7 * DAY - 1_000;
    expect((await accept(first)).status).toBe(200);
    clock += 2_000;
    const answer = await accept(second);
    expect([answer.status, answer.body.code]).toEqual([410, 'invitation_expired']);
    expect((await look(second)).status).toBe(410);
    owner = await signInAsOwner(rollcall, organization);
  });

  test('R13: sent again it has another link and seven days more, and the old one is dead', async () => {
    const email = address();
    const { invitation } = (await owner.post('/invitations', { email })).body;
    const old = await invitationToken(rollcall, email);
    clock += 3_600_000;
    const resent = await owner.post(`/invitations/${invitation.id}/resend`);
    expect(Date.parse(resent.body.expiresAt) - Date.parse(invitation.expiresAt)).toBe(3_600_000);
    expect((await accept(old)).status).toBe(404);
    const token = await invitationToken(rollcall, email);
    expect((await accept(token)).status).toBe(200);
    expect((await owner.post(`/invitations/${invitation.id}/resend`)).body.code).toBe('not_pending');
  });

  test('R19: accepted, the user is active with role and groups, and signed in', async () => {
    const email = address();
    await owner.post('/groups', { name: 'Engineering' });
    await owner.post('/invitations', { email, role: 'train', groups: ['Engineering'] });
    const answer = await accept(await invitationToken(rollcall, email), {
      password: PASSWORD,
      name: 'New Name',
    });
    expect(answer.body.user).toMatchObject({
      status: 'active',
      role: 'train',
      name: 'New Name',
      groups: [{ name: 'Engineering' }],
    });
    expect((await signIn(rollcall.server, email, PASSWORD)).email).toBe(email);
  });

  test('accepted twice concurrently, it works once', async () => {
    const email = address();
    await owner.post('/invitations', { email });
    const token = await invitationToken(rollcall, email);
    const both = await Promise.all([accept(token), accept(token)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 410]);
    expect((await look(token)).body.code).toBe('invitation_used');
  });

  test('a weak password is rejected with a sentence, and the invitation waits on', async () => {
    const email = address();
    await owner.post('/invitations', { email });
    const token = await invitationToken(rollcall, email);
    for (const weak of ['short', 'passwordpassw', 'aaaaaaaaaaaaaaaa', `${email}123`]) {
      expect((await accept(token, { password: weak })).body.code).toBe('weak_password');
    }
    expect((await accept(token)).status).toBe(200);
  });

  test('R20: taken back, the user and the link are gone', async () => {
    const email = address();
    const { invitation, user } = (await owner.post('/invitations', { email })).body;
    const token = await invitationToken(rollcall, email);
    expect((await owner.delete(`/invitations/${invitation.id}`)).status).toBe(204);
    expect((await accept(token)).status).toBe(404);
    expect((await owner.get(`/users/${user.id}`)).status).toBe(404);
    expect((await owner.post('/invitations', { email })).status).toBe(201);
  });

  test('R138: a pending user cannot sign in', async () => {
    const email = address();
    await owner.post('/invitations', { email });
    await expect(signIn(rollcall.server, email, PASSWORD)).rejects.toThrow('401');
  });

  test('a SCIM client takes a pending user over, who then accepts and stays the same', async () => {
    const email = address();
    const { user } = (await owner.post('/invitations', { email, role: 'train' })).body;
    const taken = await organization.scim('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: email,
      externalId: 'from-the-idp',
    });
    expect(taken.body.id).toBe(user.id);
    const answer = await accept(await invitationToken(rollcall, email));
    expect(answer.body.user).toMatchObject({
      id: user.id,
      role: 'train',
      managedBy: 'scim',
      status: 'active',
    });
  });
});

describe('R10: the outbox', () => {
  test('delivers through a real SMTP server, again after it was down, once', async () => {
    const received: ParsedMail[] = [];
    let down = true;
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, _session, done) => {
        if (down) {
          stream.resume();
          stream.on('end', () => done(Object.assign(new Error('Try again later'), { responseCode: 451 })));
          return;
        }
        simpleParser(stream).then((mail) => {
          received.push(mail);
          done();
        }, done);
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as { port: number };
    const mail = {
      smtpUrl: `smtp://127.0.0.1:${port}`,
      folder: '',
      from: 'Rollcall <no-reply@rollcall.example>',
    };
    const other = await startRollcall({ mail });
    try {
      const sender = await signInAsOwner(other, await other.organization());
      await sender.post('/invitations', { email: 'by-smtp@rollcall.example' });
      await other.rollcall.runDueJobsOnce();
      expect(received).toHaveLength(0);
      await other.rollcall.db.search('update jobs set due_at = now() where kind = $1', ['send_mail']);
      down = false;
      await Promise.all([other.rollcall.runDueJobsOnce(), other.rollcall.runDueJobsOnce()]);
      await other.rollcall.runDueJobsOnce();
      expect(
        received.map(({ to, subject }) => [!Array.isArray(to) && to?.text, subject?.includes('invites you')]),
      ).toEqual([['by-smtp@rollcall.example', true]]);
    } finally {
      await other.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  });

  test('without a server writes files that only this user can read', async () => {
    const email = address();
    await owner.post('/invitations', { email });
    expect(await mailsTo(rollcall, email)).toHaveLength(1);
    expect((await readdir(rollcall.outbox)).every((file) => file.endsWith('.eml'))).toBe(true);
  });
});

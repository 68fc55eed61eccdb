import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ParsedMail, simpleParser } from 'mailparser';
import request, { type Test } from 'supertest';
import { OWNER_PASSWORD, type TestOrganization, type TestRollcall } from './rollcall.ts';

/** A password that the rules take. */
export const PASSWORD = 'plain sailing 42 ways';

/** A user who has signed in, or a key: a way to ask the API as them. */
export interface TestUser {
  readonly id: string;
  readonly email: string;
  get(path: string): Test;
  post(path: string, body?: object): Test;
  put(path: string, body?: object): Test;
  patch(path: string, body?: object): Test;
  delete(path: string, body?: object): Test;
}

type Verb = 'get' | 'post' | 'put' | 'patch' | 'delete';

function speaker(
  server: TestRollcall['server'],
  headers: Record<string, string>,
  who: { readonly id: string; readonly email: string },
): TestUser {
  const ask = (verb: Verb, path: string, body?: object) => {
    const sent = request(server)[verb](`/api/v1${path}`).set(headers);
    return body === undefined ? sent : sent.send(body);
  };
  return {
    ...who,
    get: (path) => ask('get', path),
    post: (path, body) => ask('post', path, body),
    put: (path, body) => ask('put', path, body),
    patch: (path, body) => ask('patch', path, body),
    delete: (path, body) => ask('delete', path, body),
  };
}

/** No one: neither session nor key. */
export function anonymous(server: TestRollcall['server']): TestUser {
  return speaker(server, {}, { id: '', email: '' });
}

/** A client with an API key. */
export function withKey(server: TestRollcall['server'], key: string): TestUser {
  return speaker(server, { Authorization: `Bearer ${key}` }, { id: '', email: '' });
}

/** Signs in with a password. @throws Error if that fails */
export async function signIn(
  server: TestRollcall['server'],
  email: string,
  password: string,
  code?: string,
): Promise<TestUser> {
  const answer = await request(server)
    .post('/api/v1/auth/login')
    .send({ email, password, ...(code === undefined ? {} : { code }) });
  if (answer.status !== 200) throw new Error(`Sign-in of ${email}: ${answer.status} ${answer.text}`);
  return fromSession(server, answer);
}

/** Continues with the session that an answer has begun. */
function fromSession(
  server: TestRollcall['server'],
  answer: {
    readonly headers: unknown;
    readonly body: { csrfToken: string; user: { id: string; email: string } };
  },
): TestUser {
  const [cookie = ''] = (answer.headers as { 'set-cookie'?: string[] })['set-cookie'] ?? [];
  const { csrfToken, user } = answer.body;
  return speaker(server, { Cookie: cookie.split(';')[0] ?? '', 'X-CSRF-Token': csrfToken }, user);
}

export function signInAsOwner(rollcall: TestRollcall, organization: TestOrganization): Promise<TestUser> {
  return signIn(rollcall.server, organization.ownerEmail, OWNER_PASSWORD);
}

/** Invites a user and accepts, as they would. @returns them, signed in */
export async function joins(
  rollcall: TestRollcall,
  inviter: TestUser,
  body: { role?: string; groups?: string[]; email?: string; name?: string } = {},
): Promise<TestUser> {
  const email = body.email ?? `person-${randomBytes(5).toString('hex')}@rollcall.example`;
  const reason = body.role === 'admin' ? { reason: 'They run the place.' } : {};
  const invited = await inviter.post('/invitations', { ...body, ...reason, email });
  if (invited.status !== 201) throw new Error(`Invitation of ${email}: ${invited.status} ${invited.text}`);
  const token = await invitationToken(rollcall, email);
  const accepted = await request(rollcall.server)
    .post(`/api/v1/invite/${token}/accept`)
    .send({ password: PASSWORD });
  if (accepted.status !== 200) throw new Error(`Acceptance of ${email}: ${accepted.status} ${accepted.text}`);
  return fromSession(rollcall.server, accepted);
}

/** Sends what waits in the outbox and reads the mails to an address, the oldest first. */
export async function mailsTo(rollcall: TestRollcall, email: string): Promise<ParsedMail[]> {
  await rollcall.rollcall.runDueJobsOnce();
  const files = (await readdir(rollcall.outbox)).filter((file) => file.endsWith('.eml')).sort();
  const mails = await Promise.all(
    files.map(async (file) => simpleParser(await readFile(join(rollcall.outbox, file)))),
  );
  return mails.filter(({ to }) => to !== undefined && !Array.isArray(to) && to.text.includes(email));
}

/** The token of the last invitation that was mailed to an address; another test may be sending it this moment. */
export const invitationToken = (rollcall: TestRollcall, email: string): Promise<string> =>
  mailedToken(rollcall, email, /\/invite\/(token_[A-Za-z0-9]{32,})/);

/** The token that the newest mail with one has, waited for up to five seconds: mails are sent behind the request. */
export async function mailedToken(rollcall: TestRollcall, email: string, pattern: RegExp): Promise<string> {
  for (let left = 50; left > 0; left -= 1) {
    const tokens = (await mailsTo(rollcall, email)).map(({ text }) => pattern.exec(text ?? '')?.[1]);
    const token = tokens.findLast((each) => each !== undefined);
    if (token !== undefined) return token;
    await delay(100);
  }
  throw new Error(`No mail with ${pattern} was sent to ${email}.`);
}

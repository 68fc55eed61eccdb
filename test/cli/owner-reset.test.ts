import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TOTP } from 'otpauth';
import request from 'supertest';
import { signIn, signInAsOwner } from '../support/admin.ts';
import { runCli } from '../support/cli.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const FRESH = 'seven quiet harbours 12';

let rollcall: TestRollcall;
let organization: TestOrganization;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
}, 60_000);
afterAll(() => rollcall.close());

const run = (args: readonly string[], input = '') =>
  runCli(args, { DATABASE_URL: rollcall.databaseUrl, PUBLIC_URL: 'https://people.example' }, { input });
const reset = (args: readonly string[], input = '') => run(['owner', 'reset', ...args], input);
const query = <Row extends object>(sql: string, ...values: unknown[]) =>
  rollcall.rollcall.db.search<Row>(sql, values);

/** What the audit trail has of the last command, oldest first. */
async function recorded(): Promise<
  readonly { action: string; actor: { type: string; id: string; via: string } }[]
> {
  return query(
    `select action, jsonb_build_object('type', actor_type, 'id', actor_id, 'via', via) as actor from events where org_id = $1 and at = (
       select max(at) from events where org_id = $1 and actor_id = 'cli') order by id`,
    organization.org,
  );
}

test('prints a link that sets a new password once, and records it as done on the command line', async () => {
  const { code, stdout } = await reset([organization.ownerEmail]);
  expect(code).toBe(0);
  const token = /https:\/\/people\.example\/reset-password#(reset_\S+)/.exec(stdout)?.[1];
  const actions = await recorded();
  expect(actions.map(({ action }) => action)).toEqual(['password.reset_requested']);
  expect(actions[0]?.actor).toMatchObject({ type: 'system', id: 'cli', via: 'cli' });
  const choose = (password: string) =>
    request(rollcall.server).post('/api/v1/auth/password-reset/confirm').send({ token, password });
  expect((await choose(FRESH)).status).toBeLessThan(300);
  expect((await choose('another quiet harbour 13')).status).toBe(410);
  await signIn(rollcall.server, organization.ownerEmail, FRESH);
}, 60_000);

test('sets a password from standard input, and ends all sessions', async () => {
  const before = await signIn(rollcall.server, organization.ownerEmail, FRESH);
  const { code, stdout } = await reset([organization.ownerEmail, '--password-stdin'], `${OWNER_PASSWORD}\n`);
  expect(stdout).toContain('The password is set, and all sessions have ended.');
  expect(stdout).not.toContain(OWNER_PASSWORD);
  expect(code).toBe(0);
  expect((await before.get('/me')).status).toBe(401);
  await signInAsOwner(rollcall, organization);
}, 60_000);

test('rejects a password that is too weak, and changes nothing', async () => {
  const { code, stderr } = await reset([organization.ownerEmail, '--password-stdin'], 'short\n');
  expect(stderr).toContain('at least 12 characters');
  expect(code).toBe(1);
  await signInAsOwner(rollcall, organization);
}, 60_000);

test('unlocks the account', async () => {
  await query(
    'update users set locked_at = now(), failed_logins = 5 where org_id = $1 and owner',
    organization.org,
  );
  await expect(signInAsOwner(rollcall, organization)).rejects.toThrow('401');
  const { stdout } = await reset([organization.ownerEmail]);
  expect(stdout).toContain('The account is unlocked.');
  expect((await recorded()).map(({ action }) => action)).toContain('user.unlocked');
  await signInAsOwner(rollcall, organization);
}, 60_000);

test('removes the second factor only on request', async () => {
  const owner = await signInAsOwner(rollcall, organization);
  const { secret } = (await owner.post('/me/totp', { password: OWNER_PASSWORD })).body as { secret: string };
  const code = new TOTP({ secret, period: 30 }).generate();
  expect((await owner.post('/me/totp/confirm', { code })).status).toBeLessThan(300);
  await reset([organization.ownerEmail]);
  await expect(signInAsOwner(rollcall, organization)).rejects.toThrow('second_factor_required');
  const { stdout } = await reset([organization.ownerEmail, '--drop-second-factor']);
  expect(stdout).toContain('The second factor is removed');
  expect((await recorded()).map(({ action }) => action)).toContain('second_factor.disabled');
  await signInAsOwner(rollcall, organization);
}, 60_000);

test('activates an inactive owner only on request', async () => {
  await query("update users set status = 'inactive' where org_id = $1 and owner", organization.org);
  const refused = await reset([organization.ownerEmail]);
  expect(refused.stderr).toContain('is inactive');
  expect(refused.stderr).toContain('--activate');
  expect(refused.code).toBe(1);
  const { code, stdout } = await reset([organization.ownerEmail, '--activate']);
  expect(stdout).toContain('The account is active again.');
  expect(code).toBe(0);
  expect((await recorded()).map(({ action }) => action)).toContain('user.activated');
  await signInAsOwner(rollcall, organization);
}, 60_000);

test('is for owners only, and names a user who is not found', async () => {
  const created = await organization.scim('POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'member@acme.example',
    emails: [{ value: 'member@acme.example', primary: true }],
  });
  expect(created.status).toBe(201);
  const member = await reset(['member@acme.example']);
  expect(member.stderr).toContain('member@acme.example is not an owner.');
  expect(member.code).toBe(1);
  expect((await reset(['stranger@acme.example'])).stderr).toContain('User not found: stranger@acme.example.');
  expect((await run(['owner'])).code).toBe(64);
  expect((await reset([])).code).toBe(64);
}, 60_000);

test('asks for the organization where there are several', async () => {
  const other = await rollcall.organization({ name: 'Other' });
  const { code, stderr } = await reset([other.ownerEmail]);
  expect(stderr).toContain('name one with --org');
  expect(code).toBe(64);
  expect((await reset([other.ownerEmail, '--org', 'Other'])).code).toBe(0);
}, 60_000);

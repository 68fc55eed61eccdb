import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { joins, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import { runCli } from '../support/cli.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-access-'));
  rollcall = await startRollcall({ secretKey: randomBytes(32) });
  organization = await rollcall.organization({ name: 'Acme' });
  owner = await signInAsOwner(rollcall, organization);
}, 60_000);
afterAll(async () => {
  await rollcall.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Neither a key nor a connection needs the server's secret key. */
const run = (args: readonly string[]) =>
  runCli(args, {
    DATABASE_URL: rollcall.databaseUrl,
    DATA_DIR: folder,
    PUBLIC_URL: 'https://people.acme.example',
  });
const runJson = async (args: readonly string[]) => JSON.parse((await run([...args, '--json'])).stdout);
const scimStatus = async (token: string) =>
  (await request(rollcall.server).get('/scim/v2/Users').set('Authorization', `Bearer ${token}`)).status;
/** Tokens that were just verified are remembered for a second. */
const afterMemory = () => new Promise((resolve) => setTimeout(resolve, 1_100));

describe('key', () => {
  test('create makes a key that works with its scopes and no others', async () => {
    const { key, user } = await runJson(['key', 'create', 'Sync', '--scope', 'users:read,groups:manage']);
    expect(user).toEqual({ id: owner.id, email: organization.ownerEmail });
    expect(key).toMatchObject({ name: 'Sync', scopes: ['users:read', 'groups:manage'], expiresAt: null });
    const program = withKey(rollcall.server, key.token);
    expect((await program.get('/users')).status).toBe(200);
    expect((await program.get('/settings')).status).toBe(403);
  }, 60_000);

  test('list shows every key without its secret; revoke ends one for good', async () => {
    const { stdout } = await run(['key', 'create', 'Short', '--scope', 'users:read', '--expires', '30d']);
    const token = /rollcall_key_[\w-]{43}/.exec(stdout)?.[0] as string;
    const listed = await run(['key', 'list']);
    expect(listed.stdout).toMatch(/ Short +owner-.* active /);
    expect(listed.stdout).not.toContain(token);
    const [newest] = await runJson(['key', 'list', '--user', organization.ownerEmail]);
    expect(Date.parse(newest.expiresAt) - Date.parse(newest.createdAt)).toBeCloseTo(30 * 86_400_000, -5);
    expect(await runJson(['key', 'revoke', newest.id])).toEqual({ revoked: 1 });
    expect((await withKey(rollcall.server, token).get('/users')).status).toBe(401);
    const again = await run(['key', 'revoke', newest.id, '--json']);
    expect([again.code, JSON.parse(again.stderr).error.code]).toEqual([1, 'not_found']);
  }, 60_000);

  test('revoke --all-of ends every key of another user', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    await user.post('/me/api-keys', { name: 'One', scopes: ['users:read'] });
    await user.post('/me/api-keys', { name: 'Two', scopes: ['users:read'] });
    const { code, stdout } = await run(['key', 'revoke', '--all-of', user.email]);
    expect([code, stdout]).toEqual([0, 'Revoked: 2 API keys.\n']);
  }, 60_000);

  test.each([
    [['create', 'X'], '--scope <permission> or --all-scopes'],
    [['create', 'X', '--scope', 'users:dance'], 'Unknown permission "users:dance"'],
    [['create', 'X', '--all-scopes', '--expires', '2027-02-30'], '--expires must be'],
    [['revoke', '1'], 'by its id'],
    [['dance'], 'create, list or revoke'],
  ])('%j is rejected with 64', async (args, sentence) => {
    expect(await run(['key', ...args])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining(sentence),
    });
  });
});

describe('connection and token', () => {
  test('create prints a token once and what to paste where', async () => {
    const { code, stdout } = await run(['connection', 'create', 'Acme Okta', '--for', 'okta']);
    const token = /rollcall_scim_[\w-]{43}/.exec(stdout)?.[0] as string;
    expect(stdout).toMatch(/SCIM connector base URL +https:\/\/people\.acme\.example\/scim\/v2\n/);
    expect(stdout).not.toContain('Entra');
    expect(code).toBe(0);
    expect(await scimStatus(token)).toBe(200);
    expect(stdout).not.toContain('Other providers');
    const both = await run(['connection', 'create', 'Acme HR', '--strict']);
    expect(both.stdout).toContain('SCIM connector base URL');
    expect(both.stdout).toContain('Other providers: enter the base URL and the token as a bearer token');
    expect(both.stdout).toMatch(/Tenant URL +https:\/\/people\.acme\.example\/scim\/v2\/\?aadOptscim062020/);
    expect(await runJson(['connection', 'list'])).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'Acme Okta', strict: false, tokens: 1 }),
        expect.objectContaining({ name: 'Acme HR', strict: true, tokens: 1 }),
      ]),
    );
    const dry = await runJson(['connection', 'update', 'acme hr', '--dry-run']);
    expect(dry.connection.dryRunSince).toEqual(expect.any(String));
    expect((await run(['connection', 'report', 'acme hr'])).stdout).toBe(
      'Nothing would change. Nothing was written.\n',
    );
    expect((await runJson(['connection', 'update', 'acme hr', '--live'])).connection.dryRunSince).toBeNull();
    const changed = await runJson(['connection', 'update', 'acme hr', '--name', 'Entra', '--tolerant']);
    expect(changed.connection).toMatchObject({ name: 'Entra', strict: false });
    const unsure = await run(['connection', 'remove', 'entra']);
    expect([unsure.code, unsure.stderr]).toEqual([64, expect.stringContaining('Add --yes')]);
    expect((await run(['connection', 'remove', 'entra', '--yes'])).stdout).toBe(
      'SCIM connection "Entra" was removed. A running server releases its users and groups, who stay.\n',
    );
    expect(await runJson(['connection', 'list'])).not.toContainEqual(
      expect.objectContaining({ name: 'Entra' }),
    );
  }, 60_000);

  test('a token is issued, rotated with an overlap, and revoked', async () => {
    const { connection, token: none } = await runJson([
      'connection',
      'create',
      'Rotating Entra ID',
      '--no-token',
    ]);
    expect(none).toBeNull();
    const { token: first, baseUrl } = await runJson(['token', 'create', '--connection', 'rotating entra id']);
    expect(baseUrl).toBe('https://people.acme.example/scim/v2');
    const { token: second, previousUntil } = await runJson(['token', 'rotate', first.id]);
    expect(Date.parse(previousUntil) - Date.parse(second.createdAt)).toBe(24 * 3_600_000);
    expect([await scimStatus(first.token), await scimStatus(second.token)]).toEqual([200, 200]);
    const entra = await run(['token', 'rotate', second.id]);
    expect([entra.stdout.includes('Tenant URL'), entra.stdout.includes('Okta')]).toEqual([true, false]);
    expect((await run(['token', 'revoke', first.id])).stdout).toBe(
      'The token of "Rotating Entra ID" is revoked.\n',
    );
    await afterMemory();
    expect([await scimStatus(first.token), await scimStatus(second.token)]).toEqual([401, 200]);
    const listed = await run(['token', 'list', '--connection', connection.id]);
    expect(listed.stdout).toMatch(new RegExp(`${second.id} +${second.last4} +active`));
    expect(listed.stdout).toMatch(new RegExp(`${first.id} +${first.last4} +revoked`));
  }, 60_000);

  test('a self-test answers the provider’s requests, says what is wrong, and changes nothing', async () => {
    await runJson(['connection', 'create', 'Tried Entra ID']);
    const { code, stdout } = await run(['connection', 'self-test', 'tried entra id']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^passed +address +The provider is given https:\/\/people\.acme\.example\/scim\/v2\./,
    );
    expect(stdout).toMatch(/passed +201 +[\d.]+ +POST \/Users +Create the person/);
    expect(stdout.trim()).toMatch(/Nothing was changed\.$/);

    await run(['connection', 'update', 'tried entra id', '--strict']);
    const strict = await run(['connection', 'self-test', 'tried entra id', '--json']);
    expect(strict.code).toBe(1);
    expect(JSON.parse(strict.stdout).report).toMatchObject({ provider: 'entra', passed: false });
    const okta = await runJson(['connection', 'self-test', 'Acme Okta', '--for', 'okta']);
    expect(okta.report.steps.map(({ outcome }: { outcome: string }) => outcome)).not.toContain('failed');
  });

  test('with several connections a token command asks which, and a token that is none is not found', async () => {
    const requested = await run(['token', 'create']);
    expect(requested.code).toBe(64);
    expect(requested.stderr).toMatch(/name one with --connection\.\n {2}Test \([0-9a-f-]{36}\)/);
    const missing = await run(['token', 'revoke', owner.id, '--json']);
    expect([missing.code, JSON.parse(missing.stderr).error.code]).toEqual([1, 'not_found']);
    expect((await run(['token', 'create', '--connection', 'Nowhere'])).code).toBe(64);
    const google = await run(['connection', 'create', 'X', '--for', 'google']);
    expect([google.code, google.stderr]).toEqual([64, expect.stringContaining('leave it out for another')]);
  }, 60_000);

  test('acts with the rights of an administrator, and of the organization that is named', async () => {
    const manager = await joins(rollcall, owner, { role: 'configure' });
    const refused = await run(['connection', 'list', '--as', manager.email, '--json']);
    expect([refused.code, JSON.parse(refused.stderr).error.code]).toEqual([1, 'forbidden']);
    await rollcall.organization({ name: 'Other' });
    expect((await run(['connection', 'list'])).stderr).toMatch(/--org\.\n {2}Acme \(.*\n {2}Other \(/);
    const others = await runJson(['connection', 'list', '--org', 'other']);
    expect(others.map(({ name }: { name: string }) => name)).toEqual(['Test']);
  }, 60_000);
});

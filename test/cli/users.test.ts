import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import { joins, mailsTo, signInAsOwner, type TestUser } from '../support/admin.ts';
import { runCli, startProgram } from '../support/cli.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const secretKey = randomBytes(32);
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-users-'));
  rollcall = await startRollcall({ secretKey });
  organization = await rollcall.organization({ name: 'Acme' });
  owner = await signInAsOwner(rollcall, organization);
  await owner.post('/groups', { name: 'Sales Team' });
}, 60_000);
afterAll(async () => {
  await rollcall.close();
  rmSync(folder, { recursive: true, force: true });
});

const settings = () => ({
  DATABASE_URL: rollcall.databaseUrl,
  DATA_DIR: folder,
  SECRET_KEY: secretKey.toString('base64'),
  PUBLIC_URL: 'https://people.acme.example',
});
const run = (args: readonly string[], input = '') => runCli(args, settings(), { input });
const runJson = async (args: readonly string[], input = '') => {
  const { code, stdout } = await run([...args, '--json'], input);
  return { code, value: JSON.parse(stdout) };
};
const find = async (email: string) => (await owner.get(`/users?q=${email}`)).body.data[0];
const agoInSql = (days: number) => `now() - interval '${days} days'`;

/** Makes a user look as if they had not been there for so long. */
const makeIdle = (id: string, days: number) =>
  rollcall.rollcall.db.search(
    `with moved as (update users set created_at = ${agoInSql(days)}, last_login_at = ${agoInSql(days)},
       last_active_at = ${agoInSql(days)} where org_id = $1 and id = $2 returning id) select id from moved`,
    [organization.org, id],
  );

test('template prints the template that REST serves, or writes it to a file', async () => {
  const served = (await owner.get('/imports/template.csv')).text;
  expect((await run(['template'])).stdout).toBe(served);
  const out = join(folder, 'template.csv');
  expect((await run(['template', '--out', out])).code).toBe(0);
  expect(readFileSync(out, 'utf8')).toBe(served);
  const refused = await run(['template', '--out', join(folder, 'none', 'template.csv')]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('the folder does not exist.') });
}, 60_000);

describe('invite', () => {
  test('invites addresses of the command line, a file and standard input, each once, with a result for each', async () => {
    const file = join(folder, 'addresses.txt');
    writeFileSync(file, 'file@acme.example, one@acme.example\n');
    const args = ['invite', 'one@acme.example', 'not-an-address', '-', '--file', file];
    const given = ['--role', 'train', '--group', 'sales team'];
    const { code, value } = await runJson([...args, ...given], 'Input@acme.example\n');
    expect(code).toBe(1);
    expect(
      value.results.map(({ email, ok, code: why }: Record<string, unknown>) => [email, ok, why]),
    ).toEqual([
      ['one@acme.example', true, undefined],
      ['not-an-address', false, 'invalid_email'],
      ['Input@acme.example', true, undefined],
      ['file@acme.example', true, undefined],
    ]);
    expect(await find('file@acme.example')).toMatchObject({
      status: 'pending',
      role: 'train',
      groups: [{ name: 'Sales Team' }],
    });
    const [mail] = await mailsTo(rollcall, 'file@acme.example');
    expect(mail?.text).toContain('https://people.acme.example/invite/token_');
    const events = await rollcall.rollcall.db.search<{ actor: object }>(
      `select jsonb_build_object('type', actor_type, 'id', actor_id, 'via', via) as actor from events where org_id = $1 and action = 'user.invited' order by id desc limit 1`,
      [organization.org],
    );
    expect(events).toEqual([{ actor: { type: 'user', id: owner.id, via: 'cli' } }]);
  }, 60_000);

  test('--dry-run shows what would happen and changes nothing', async () => {
    const { code, stdout } = await run(['invite', 'dry@acme.example', '--name', 'Dry Run', '--dry-run']);
    expect(stdout).toMatch(/dry@acme\.example +would be invited/);
    expect(stdout).toContain('Nothing was changed.');
    expect(code).toBe(0);
    expect(await find('dry@acme.example')).toBeUndefined();
    expect(await mailsTo(rollcall, 'dry@acme.example')).toEqual([]);
  }, 60_000);

  test('stopped in between it reports what is done and what is left', async () => {
    const input = Array.from({ length: 400 }, (_, at) => `stop-${at}@acme.example`).join(' ');
    const stopped = startProgram('cli/main.ts', ['invite', '-'], settings(), { input, until: 'Inviting to' });
    const { code, stdout } = await stopped.ended;
    expect(code).toBe(1);
    const left = Number(/Stopped: (\d+) addresses not invited/.exec(stdout)?.[1]);
    const rows = await rollcall.rollcall.db.search(
      `select from users where org_id = $1 and email like 'stop-%'`,
      [organization.org],
    );
    expect(left).toBeGreaterThan(0);
    expect(rows).toHaveLength(400 - left);
  }, 60_000);

  test('rejects a wrong command line with exit code 64', async () => {
    for (const args of [
      [],
      ['a@x.example', '--role', 'boss'],
      ['a@x.example', 'b@x.example', '--name', 'Two'],
      ['a@x.example', '--rol', 'train'],
    ]) {
      expect((await run(['invite', ...args])).code).toBe(64);
    }
  }, 60_000);
});

describe('export', () => {
  test('writes users as CSV that import reads, and as NDJSON with the names of REST', async () => {
    const user = await joins(rollcall, owner, { name: '=cmd()', groups: ['Sales Team'] });
    const out = join(folder, 'users.csv');
    const exported = await runJson(['export', 'users', '--status', 'active', '--out', out]);
    expect(exported).toMatchObject({ code: 0, value: { file: out, format: 'csv' } });
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const lines = readFileSync(out, 'utf8').split('\r\n');
    expect(lines[0]).toMatch(/^email,name,role,groups,id,/);
    expect(lines).toContainEqual(
      expect.stringMatching(`^${user.email},'=cmd\\(\\),readonly,Sales Team,${user.id},`),
    );
    expect(lines).toHaveLength(exported.value.users + 2);
    const preview = await runJson(['import', out, '--dry-run']);
    expect(preview.value.counts).toMatchObject({ skip: exported.value.users, error: 0 });

    const { stdout } = await run(['export', 'users', '--format', 'ndjson', '--group', 'Sales Team']);
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .find(({ id }) => id === user.id);
    const { id, email, name, role, status } = (await owner.get(`/users/${user.id}`)).body;
    expect(found).toMatchObject({ id, email, name, role, status, groups: ['Sales Team'] });
  }, 60_000);

  test('leaves no file when it fails, and names what was not found', async () => {
    const out = join(folder, 'failed.csv');
    const failed = await run(['export', 'users', '--group', 'Nowhere', '--out', out, '--json']);
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(failed.stderr).error.code).toBe('group_not_found');
    expect(readdirSync(folder).filter((name) => name.startsWith('failed'))).toEqual([]);
    expect((await run(['export', 'users', '--json'])).code).toBe(64);
  }, 60_000);

  test('writes the personal data of a user without a running worker, and records it', async () => {
    const user = await joins(rollcall, owner);
    const out = join(folder, 'person.zip');
    const { code, stdout } = await run(['export', 'personal-data', user.email, '--out', out]);
    expect([code, stdout]).toEqual([0, `The personal data of ${user.email} is in ${out}.\n`]);
    const files = unzipSync(readFileSync(out));
    expect(JSON.parse(Buffer.from(files['person.json'] as Uint8Array).toString()).account.email).toBe(
      user.email,
    );
    const events = await rollcall.rollcall.db.search(
      `select from events where org_id = $1 and action = 'user.exported' and target_id = $2`,
      [organization.org, user.id],
    );
    expect(events).toHaveLength(1);
  }, 60_000);
});

describe('offboard', () => {
  test('--dry-run shows what would stop, and stops nothing; without it everything stops', async () => {
    const user = await joins(rollcall, owner, { role: 'configure', groups: ['Sales Team'] });
    const heir = await joins(rollcall, owner, { role: 'configure' });
    await user.post('/me/api-keys', { name: 'Key', scopes: ['users:read'] });
    await user.post('/resources', { type: 'agent', name: 'Helper' });
    const args = ['offboard', user.email, '--transfer-to', heir.email];
    const expected = {
      user: { id: user.id },
      statusBefore: 'active',
      endedSessions: 1,
      removedGroups: ['Sales Team'],
      revokedApiKeys: 1,
      transferredResources: 1,
      remainingResources: 0,
    };
    const preview = await runJson([...args, '--dry-run']);
    expect(preview).toMatchObject({ code: 0, value: { ...expected, dryRun: true } });
    expect((await user.get('/me')).status).toBe(200);
    const done = await runJson(args);
    expect(done).toMatchObject({ code: 0, value: { ...expected, dryRun: false } });
    expect((await user.get('/me')).status).toBe(401);
    expect(await find(user.email)).toMatchObject({ status: 'inactive' });
    expect((await owner.get(`/resources?owner=${heir.id}`)).body.data).toHaveLength(1);
  }, 60_000);

  test('reports which resources stay, and what the rules reject', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    await user.post('/resources', { type: 'agent', name: 'Helper' });
    const { stdout } = await run(['offboard', user.email, '--dry-run']);
    expect(stdout).toContain('1 resource stays with this account: add --transfer-to <e-mail>');
    const self = await run(['offboard', organization.ownerEmail, '--json']);
    expect(self).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(self.stderr).error.code).toBe('self_change');
    const stranger = await run(['offboard', 'stranger@acme.example']);
    expect(stranger).toMatchObject({ code: 1, stderr: 'User not found: stranger@acme.example.\n' });
  }, 60_000);
});

test('a user whom SCIM manages is offboarded by an owner with --force only', async () => {
  const created = await organization.scim('POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'managed@acme.example',
    emails: [{ value: 'managed@acme.example', primary: true }],
  });
  expect(created.status).toBe(201);
  const refused = await run(['offboard', 'managed@acme.example']);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('insist with --force.') });
  expect((await run(['offboard', 'managed@acme.example', '--force'])).code).toBe(0);
}, 60_000);

test('R127: inactive lists active users without activity, and deactivates them with a result for each', async () => {
  const idle = await joins(rollcall, owner, { name: 'Idle Person' });
  await makeIdle(idle.id, 100);
  await makeIdle(owner.id, 200);
  const listed = await run(['inactive', '--days', '99']);
  expect(listed.stdout).toMatch(new RegExp(`${idle.email} +Idle Person +readonly`));
  expect(listed.stdout).toContain('2 active users without activity for 99 days.');
  expect((await runJson(['inactive', '--days', '150'])).value.users).toHaveLength(1);

  const dry = await runJson(['inactive', '--days', '99', '--deactivate', '--dry-run']);
  const results = [
    [organization.ownerEmail, false, 'self_change'],
    [idle.email, true, undefined],
  ];
  const outcomes = ({ value }: { value: { users: Record<string, unknown>[] } }) =>
    value.users.map(({ email, ok, code }) => [email, ok, code]);
  expect(dry.code).toBe(1);
  expect(outcomes(dry)).toEqual(expect.arrayContaining(results));
  expect(await find(idle.email)).toMatchObject({ status: 'active' });
  // Asking over REST was an activity of the owner's.
  await makeIdle(owner.id, 200);
  const done = await runJson(['inactive', '--days', '99', '--deactivate']);
  expect(outcomes(done)).toEqual(outcomes(dry));
  expect(await find(idle.email)).toMatchObject({ status: 'inactive' });
  expect((await run(['inactive', '--days', '0'])).code).toBe(64);
}, 60_000);

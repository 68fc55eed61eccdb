import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { packageRoot } from '../../src/platform/package-root.ts';
import { joins, mailsTo, signInAsOwner, type TestUser } from '../support/admin.ts';
import { builtProgram } from '../support/cli.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const root = packageRoot(import.meta.url);
const secretKey = randomBytes(32);
const HEADER = 'email,name,role,groups';
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-import-'));
  rollcall = await startRollcall({ secretKey });
  organization = await rollcall.organization({ name: 'Acme' });
  owner = await signInAsOwner(rollcall, organization);
  await owner.post('/groups', { name: 'Sales Team' });
});
afterAll(async () => {
  await rollcall.close();
  rmSync(folder, { recursive: true, force: true });
});

let files = 0;
function fileOf(...rows: string[]): string {
  const path = join(folder, `people-${++files}.csv`);
  writeFileSync(path, [HEADER, ...rows].join('\n'));
  return path;
}

function start(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [builtProgram('cli/main.ts'), 'import', ...args], {
    cwd: root,
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      DATABASE_URL: rollcall.databaseUrl,
      DATA_DIR: folder,
      SECRET_KEY: secretKey.toString('base64'),
      PUBLIC_URL: 'https://people.acme.example',
      ...env,
    },
  });
}

/** @param seen asked with all that was printed so far */
function ended(child: ChildProcess, seen: (output: string) => void = () => {}) {
  return new Promise<{ code: number | null; output: string }>((resolve) => {
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        seen(output);
      });
    }
    child.on('close', (code) => resolve({ code, output }));
  });
}

const run = (args: readonly string[], env: Record<string, string> = {}) => ended(start(args, env));
const users = async (text: string) => (await owner.get(`/users?limit=200&q=${text}`)).body.data;

describe('rollcall import (R40)', () => {
  test('--dry-run shows what would happen to each row, and changes nothing', async () => {
    const file = fileOf('dry@rollcall.example,Dry,readonly,Sales Team', 'dry-2@rollcall.example,,Boss,');
    const { code, output } = await run([file, '--dry-run']);
    expect(output).toContain(`into Acme as ${organization.ownerEmail}`);
    expect(output).toMatch(/row 3 +error +dry-2@rollcall\.example +Invalid role/);
    expect(output).toContain('1 to add, 0 to update, 0 to skip, 1 with errors. Nothing was changed.');
    expect(code).toBe(1);
    expect(await users('dry')).toEqual([]);
    const actions = await rollcall.rollcall.db.search(`select from events where action like 'import.%'`, []);
    expect(actions).toEqual([]);
  });

  test('makes pending users whose links begin with PUBLIC_URL; what failed is a file to correct and import', async () => {
    const errors = join(folder, 'errors.csv');
    const file = fileOf('cli-1@rollcall.example,Ann Lee,train,Sales Team', 'cli-2@rollcall.example,,Train,');
    const { code, output } = await run([file, '--errors', errors]);
    expect(output).toContain('1 added, 0 updated, 0 skipped, 1 failed.');
    expect(code).toBe(1);
    expect(await users('cli-1')).toMatchObject([
      {
        name: 'Ann Lee',
        status: 'pending',
        role: 'train',
        source: 'import',
        groups: [{ name: 'Sales Team' }],
      },
    ]);
    const [mail] = await mailsTo(rollcall, 'cli-1@rollcall.example');
    expect(mail?.text).toContain('https://people.acme.example/invite/token_');
    writeFileSync(errors, readFileSync(errors, 'utf8').replace('Train', 'train'));
    expect(await run([errors])).toMatchObject({ code: 0, output: expect.stringContaining('1 added') });
    expect(await users('cli-2')).toHaveLength(1);
  });

  test('--on-duplicate update-role gives users who are here the role of the file', async () => {
    const user = await joins(rollcall, owner);
    const file = fileOf(`${user.email},,train,`);
    expect((await run([file])).output).toContain('1 skipped');
    expect((await run([file, '--on-duplicate', 'update-role'])).output).toContain('1 updated');
    expect((await owner.get(`/users/${user.id}`)).body.role).toBe('train');
  });

  test('stopped with Ctrl+C it continues with the same command: no one twice, no one lost', async () => {
    const emails = Array.from({ length: 400 }, (_, at) => `stop-${at}@rollcall.example`);
    const file = fileOf(...emails.map((email) => `${email},,readonly,`));
    const first = start([file]);
    const stopped = await ended(first, (output) => {
      if (output.includes('100 of 400 rows') && !first.killed) first.kill('SIGINT');
    });
    expect(stopped.output).toMatch(/Stopped: \d+ of 400 rows are done/);
    expect(stopped.code).toBe(1);
    const again = await run([file]);
    expect(again.output).toMatch(/Continuing after row [1-3]\d\d of 400/);
    expect(again.output).toContain('400 added');
    expect(again.code).toBe(0);
    const counts = await rollcall.rollcall.db.search<{
      people: number;
      invitations: number;
      imports: number;
    }>(
      `select (select count(*) from users where email like 'stop-%') as people,
        (select count(*) from invitations i join users u on u.org_id = i.org_id and u.id = i.user_id
          where u.email like 'stop-%') as invitations,
        (select count(distinct import_id) from import_rows where cells ->> 0 like 'stop-%') as imports`,
      [],
    );
    expect(counts).toEqual([{ people: 400, invitations: 400, imports: 1 }]);
  });

  test('only administrators import, and a file that is not CSV is rejected with a sentence', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    const file = fileOf('nobody@rollcall.example,,readonly,');
    const refused = await run([file, '--as', user.email]);
    expect(refused).toMatchObject({
      code: 1,
      output: expect.stringContaining('is not an active administrator of Acme'),
    });
    const latin = join(folder, 'latin.csv');
    writeFileSync(latin, Buffer.from(`${HEADER}\njos\u00e9@x.example,,readonly,`, 'latin1'));
    expect(await run([latin])).toMatchObject({ code: 1, output: expect.stringContaining('CSV UTF-8') });
    expect(await run([join(folder, 'none.csv')])).toMatchObject({
      code: 1,
      output: expect.stringContaining('none.csv: file not found.'),
    });
    expect((await run([])).code).toBe(64);
    expect((await run([file, '--on-duplicate', 'merge'])).code).toBe(64);
    expect(await users('nobody')).toEqual([]);
  });

  test('without the key of the server nothing is imported, or it could not open the mails', async () => {
    const { code, output } = await run([fileOf()], { SECRET_KEY: '' });
    expect([code, output]).toEqual([1, expect.stringContaining('secret key')]);
  });

  test('with several organizations it says which there are', async () => {
    await rollcall.organization({ name: 'Other' });
    const file = fileOf('chosen@rollcall.example,,readonly,');
    const requested = await run([file]);
    expect(requested.code).toBe(64);
    expect(requested.output).toMatch(/Acme \([0-9a-f-]{36}\)\n +Other \(/);
    expect((await run([file, '--org', 'Nowhere'])).code).toBe(64);
    expect(await run([file, '--org', 'acme'])).toMatchObject({ code: 0 });
    expect(await users('chosen')).toHaveLength(1);
  });
});

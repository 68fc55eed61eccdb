import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EVENT_ACTIONS } from '../../src/audit/catalogue.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { runCli } from '../support/cli.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-manual-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (args: readonly string[], env: Record<string, string> = {}) =>
  runCli(args, { DATA_DIR: folder, ...env });

test('docs/command-line.md has the help of every command (npm run manual writes it)', async () => {
  const { code, stdout } = await run(['manual']);
  const page = readFileSync(join(packageRoot(import.meta.url), 'docs/command-line.md'), 'utf8');
  expect(page).toBe(stdout);
  expect(code).toBe(0);
  for (const name of COMMANDS.keys()) expect(page).toContain(`### rollcall ${name}\n`);
  const helps = [...page.matchAll(/```\n(Usage: [\s\S]*?)```/g)].map(([, help = '']) => help);
  expect(helps).toHaveLength(COMMANDS.size);
  expect(helps.flatMap((help) => help.split('\n')).filter(({ length }) => length > 120)).toEqual([]);
}, 30_000);

test('docs/events.md has every event of the catalogue (npm run manual writes it)', async () => {
  const { code, stdout } = await run(['manual', '--events']);
  const page = readFileSync(join(packageRoot(import.meta.url), 'docs/events.md'), 'utf8');
  expect(page).toBe(stdout);
  expect(code).toBe(0);
  for (const name of EVENT_ACTIONS) expect(page).toContain(`| \`${name}\` | \``);
}, 30_000);

test.each([...COMMANDS])('the example of %s uses options that its help names', async (name, { load }) => {
  const { help, example } = await load();
  expect(example).toMatch(new RegExp(`^rollcall ${name}\\b`));
  for (const [option] of example.matchAll(/--[a-z-]+/g)) expect(help).toContain(option);
});

test('help goes to standard output with 0, a wrong command line to standard error with 64', async () => {
  expect(await run(['--help'])).toMatchObject({ code: 0, stderr: '' });
  expect(await run(['help', 'invite'])).toEqual(await run(['invite', '--help']));
  expect(await run(['dance'])).toEqual({
    code: 64,
    stdout: '',
    stderr: 'Unknown command "dance": see rollcall --help.\n',
  });
}, 30_000);

test('--json puts an error on one line of standard error, with a code', async () => {
  const usage = await run(['invite', '--json']);
  expect([usage.code, usage.stdout, JSON.parse(usage.stderr).error.code]).toEqual([64, '', 'usage']);
  const settings = await run(['key', 'list', '--json'], { PORT: 'x' });
  expect([settings.code, JSON.parse(settings.stderr).error.code]).toEqual([78, 'settings']);
}, 30_000);

test('a database that does not answer is 69, with what to check', async () => {
  const away = await run(['key', 'list'], { DATABASE_URL: 'postgres://rollcall@127.0.0.1:1/rollcall' });
  expect(away.code).toBe(69);
  expect(away.stderr).toMatch(/^The database cannot be reached \(.*ECONNREFUSED.*\)\. Check DATABASE_URL/);
  const migrating = await run(['migrate', '--json'], {
    DATABASE_URL: 'postgres://rollcall@127.0.0.1:1/rollcall',
  });
  expect([migrating.code, JSON.parse(migrating.stderr).error.code]).toEqual([69, 'unavailable']);
}, 30_000);

test('a command on a folder without a database reports that, and creates none', async () => {
  const { code, stderr } = await run(['inactive']);
  expect(stderr).toContain(`There is no database in ${folder}: start the server once`);
  expect(code).toBe(1);
  expect((await run(['doctor', '--json'])).stdout).toContain('"check": "database"');
}, 30_000);

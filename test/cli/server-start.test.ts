import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { packageRoot } from '../../src/platform/package-root.ts';

const root = packageRoot(import.meta.url);
let dataDir: string;
let taken: Server;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'rollcall-start-'));
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  taken.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Runs the server until it ends by itself, or until it says something: then it is told to stop. */
function start(
  env: Record<string, string>,
  until?: string,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const { DATABASE_URL: _, ...inherited } = process.env;
    const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'src/main.ts')], {
      cwd: root,
      env: { ...inherited, NODE_OPTIONS: '', DATA_DIR: dataDir, ...env },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (until !== undefined && output.includes(until)) child.kill('SIGTERM');
      });
    }
    child.on('close', (code) => resolve({ code, output }));
  });
}

test.each(['1', '2'])(
  'a port that is taken is said before anything is made, with %s processes',
  async (processes) => {
    const { port } = taken.address() as AddressInfo;
    const { code, output } = await start({ PORT: String(port), WEB_CONCURRENCY: processes });
    expect(output).toContain(`PORT ${port} on 127.0.0.1 is taken`);
    expect(code).toBe(78);
    // A first start that failed later would have made an owner and a token, and told nobody.
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
  },
  30_000,
);

test('what was made is told once, before anything behind it can fail, and SIGTERM ends with 0', async () => {
  const made = /SCIM token +rollcall_scim_[\w-]{43}$/gm;
  const first = await start({ PORT: '0', LOG_LEVEL: 'info' }, '"listening"');
  expect(first.output.match(made)).toHaveLength(1);
  expect(first.output.search(made)).toBeLessThan(first.output.indexOf('Rollcall is running.'));
  expect(first.code).toBe(0);
  const second = await start({ PORT: '0' }, '"listening"');
  expect(second.output).not.toMatch(/rollcall_scim_|Owner/);
}, 90_000);

test('a host that is not of this machine is said in words', async () => {
  const { code, output } = await start({ PORT: '0', HOST: '192.0.2.1' });
  expect(output).toContain('HOST 192.0.2.1 is no address of this machine.');
  expect(code).toBe(78);
}, 30_000);

test('a secret key that cannot be read is a mistake in the settings, too', async () => {
  const { code, output } = await start({ PORT: '0', SECRET_KEY_FILE: join(dataDir, 'none') });
  expect(output).toContain("The secret key can't be read from");
  expect(code).toBe(78);
}, 60_000);

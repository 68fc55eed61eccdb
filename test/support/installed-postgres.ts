import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { migrate } from '../../src/platform/db/migrate.ts';
import { accountForNewCluster, childOptions } from '../../src/platform/embedded-postgres/account.ts';
import { freePort } from './free-port.ts';

const run = promisify(execFile);

/** A Postgres of another version than the embedded one, with a migrated, empty database. */
export interface InstalledPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** What is off in a cluster that is thrown away; statistics appear only when a test asks for them. */
const SETTINGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'autovacuum=off'];

/**
 * Finds the programs of an installed Postgres 15: in the folder that `TEST_POSTGRES_15_BIN` names, where Debian
 * puts them, or where `pg_config` says.
 * @returns undefined if there is none
 */
export function findPostgres15(): string | undefined {
  const output = (program: string, option: string) =>
    spawnSync(program, [option], { encoding: 'utf8' }).stdout ?? '';
  const candidates = [
    process.env['TEST_POSTGRES_15_BIN'],
    '/usr/lib/postgresql/15/bin',
    output('pg_config', '--bindir').trim() || undefined,
  ];
  return candidates.find(
    (folder) =>
      folder !== undefined &&
      existsSync(join(folder, 'initdb')) &&
      output(join(folder, 'postgres'), '--version').includes(' 15.'),
  );
}

/** Starts a Postgres on a folder of its own and migrates its database. @param bin where its programs are */
export async function startInstalledPostgres(bin: string): Promise<InstalledPostgres> {
  const account = await accountForNewCluster();
  const options = childOptions(account);
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-postgres-15-'));
  if (account !== undefined) await chown(folder, account.uid, account.gid);
  const data = join(folder, 'data');
  const port = await freePort();
  await run(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'test', '--auth=trust', '--no-sync', '--encoding=UTF8'],
    options,
  );
  const settings = [`port=${port}`, `unix_socket_directories=${folder}`, 'listen_addresses=127.0.0.1'];
  const flags = [...SETTINGS, ...settings].map((setting) => `-c ${setting}`).join(' ');
  const control = (...args: string[]) =>
    run(join(bin, 'pg_ctl'), ['-D', data, '-w', '-l', join(folder, 'log'), ...args], options);
  await control('-o', flags, 'start');
  const url = `postgres://test@127.0.0.1:${port}/postgres`;
  const stop = async () => {
    await control('-m', 'immediate', 'stop');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await migrate(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childOptions } from './account.ts';
import { EmbeddedPostgresError } from './error.ts';
import type { Placement } from './placement.ts';

/** A folder that Postgres can be started on. */
export interface Cluster {
  readonly folder: string;
  readonly user: string;
  readonly password: string;
}

const run = promisify(execFile);

/** The role that owns everything in the cluster. */
const USER = 'rollcall';

/** Where the cluster of a placement's home is, whether it is there or not. */
export function clusterFolder(home: string): string {
  return join(home, 'cluster');
}

/** Who may connect to the cluster of a home. @throws Error if it was never made, or this user may not read it */
export async function readCredentials(home: string): Promise<Pick<Cluster, 'user' | 'password'>> {
  return { user: USER, password: (await readFile(passwordFileOf(home), 'utf8')).trim() };
}

/** How a database of the cluster is reached while its server listens on this port. */
export function databaseUrl(
  { user, password }: Pick<Cluster, 'user' | 'password'>,
  port: number,
  database: string,
): string {
  return `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

function passwordFileOf(home: string): string {
  return join(home, 'password');
}

/**
 * Opens the cluster of this placement, created first if it is missing. It is created in a sibling folder and renamed
 * when complete, so the remains of an interruption are never mistaken for a cluster. Its password is in `password` (mode 0600).
 *
 * @param durable false skips the syncing of a cluster that will be thrown away
 * @throws EmbeddedPostgresError when it can't be made, or was made by another major version of Postgres
 */
export async function openCluster(placement: Placement, durable: boolean): Promise<Cluster> {
  const folder = clusterFolder(placement.home);
  if (!(await exists(folder))) await makeCluster(placement, folder, passwordFileOf(placement.home), durable);
  await rejectOtherVersion(placement, folder);
  return { folder, ...(await readCredentials(placement.home)) };
}

async function makeCluster(
  placement: Placement,
  folder: string,
  passwordFile: string,
  durable: boolean,
): Promise<void> {
  const half = `${folder}.incomplete`;
  await rm(half, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flush: true });
  await mkdir(half, { mode: 0o700 });
  await giveAway([passwordFile, half], placement);
  await initialise(placement, half, passwordFile, durable);
  await rename(half, folder);
  if (durable) await syncFolder(placement.home);
}

async function giveAway(paths: readonly string[], { account }: Placement): Promise<void> {
  if (account === undefined) return;
  for (const path of paths) await chown(path, account.uid, account.gid);
}

async function initialise(
  { binaries, account }: Placement,
  folder: string,
  passwordFile: string,
  durable: boolean,
): Promise<void> {
  const options = [
    ...['--username', USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
    // The builtin provider: the same order and the same lower() on every machine, whatever its libc or ICU.
    ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
    ...(durable ? [] : ['--no-sync']),
  ];
  try {
    await run(binaries.initdb, ['--pgdata', folder, ...options], childOptions(account));
  } catch (cause) {
    const stderr = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    throw new EmbeddedPostgresError(`Postgres's data folder can't be made in ${folder}: ${stderr}`, {
      cause,
    });
  }
}

async function rejectOtherVersion({ binaries, account }: Placement, folder: string): Promise<void> {
  const made = (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim();
  const { stdout } = await run(binaries.postgres, ['--version'], childOptions(account));
  const runs = /(\d+)/.exec(stdout)?.[1];
  if (made === runs) return;
  throw new EmbeddedPostgresError(
    `The data in ${folder} was made by Postgres ${made}, and this Rollcall brings Postgres ${runs}. Export it with ` +
      "pg_dump under the Rollcall that made it, or move it with pg_upgrade; it can't be opened as it is.",
  );
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

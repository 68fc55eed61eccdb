import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readlink, realpath, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Account, accountForNewCluster, canEnter } from './account.ts';
import {
  type Binaries,
  binariesIn,
  canRun,
  copyBinaries,
  findBinariesPackage,
  repairSymlinks,
} from './binaries.ts';
import { EmbeddedPostgresError } from './error.ts';

const run = promisify(execFile);

/** The folder of an embedded Postgres and the account that runs it. */
export interface Placement {
  /** Absolute, real; belongs to the account, mode 0700. Holds the cluster, its password and its lock. */
  readonly home: string;
  readonly account: Account | undefined;
  readonly binaries: Binaries;
  /** What was not put where one would look for it, and why; sentences for the operator. */
  readonly sentences: readonly string[];
}

/** Reachable by every account; used by root for what Postgres's own account can't reach. */
const SYSTEM_FOLDER = '/var/lib/rollcall';

/**
 * Decides where Postgres keeps its data (`<dataDir>/postgres`) and where its programs run from. Run by root, Postgres
 * needs an account of its own; what this account can't reach is put under /var/lib/rollcall, and a symbolic link in
 * the data folder leads to it.
 *
 * @param dataDir absolute; created when missing
 * @throws EmbeddedPostgresError when no place works
 */
export async function place(dataDir: string): Promise<Placement> {
  const sentences: string[] = [];
  await makeDataDir(dataDir);
  const link = join(dataDir, 'postgres');
  const account = (await ownerOf(link)) ?? (await accountForNewCluster());
  const home = await placeHome(link, account, sentences);
  const binaries = await placeBinaries(home, account, sentences);
  return { home, account, binaries, sentences };
}

/** A folder that is made here lets Postgres's own account through, whatever the umask; the secrets in it are 0600. */
async function makeDataDir(dataDir: string): Promise<void> {
  try {
    const made = await mkdir(dataDir, { recursive: true });
    if (made !== undefined) await chmod(dataDir, 0o755);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new EmbeddedPostgresError(
      `The data folder ${dataDir} can't be made (${code}). Set DATA_DIR to another.`,
      {
        cause,
      },
    );
  }
}

/** Root runs an existing cluster as its owner. */
async function ownerOf(home: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const found = await stat(home).catch(() => undefined);
  return found === undefined || found.uid === 0 ? undefined : { uid: found.uid, gid: found.gid };
}

async function placeHome(link: string, account: Account | undefined, sentences: string[]): Promise<string> {
  const dataDir = join(link, '..');
  const moved = await readlink(link).catch(() => undefined);
  if (moved !== undefined) {
    if (account !== undefined) await makeSystemFolder();
    sentences.push(`The data is in ${moved}, where ${link} leads.`);
    return makeHome(moved, account);
  }
  if (canEnter(dataDir, account)) return makeHome(link, account);
  if (await stat(link).catch(() => undefined)) {
    throw new EmbeddedPostgresError(
      `Postgres's own user can't reach its data in ${link}. Let other users enter the folders above it ` +
        '(chmod o+x), or run Rollcall as the user that the data belongs to.',
    );
  }
  const name = createHash('sha256').update(link).digest('hex').slice(0, 12);
  const home = join(SYSTEM_FOLDER, `${name}-${randomBytes(3).toString('hex')}`);
  await makeSystemFolder();
  await makeHome(home, account);
  await symlink(home, link);
  sentences.push(
    `Postgres can't run as root, and its own user can't reach ${dataDir}: the data is in ${home}, where ${link} leads.`,
  );
  return realpath(home);
}

async function makeSystemFolder(): Promise<void> {
  await mkdir(SYSTEM_FOLDER, { recursive: true });
  await chmod(SYSTEM_FOLDER, 0o755);
}

async function makeHome(home: string, account: Account | undefined): Promise<string> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    await chmod(home, 0o700);
    if (account !== undefined) await giveHome(home, account);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new EmbeddedPostgresError(
      `Postgres's data folder ${home} can't be used by this user (${code}). If Rollcall was run as root or as ` +
        'another user before, run it as that user again, or set DATA_DIR to another folder.',
      { cause },
    );
  }
  return realpath(home);
}

/** All of it, because a backup that root restored belongs to root. */
async function giveHome(home: string, account: Account): Promise<void> {
  if ((await stat(home)).uid === account.uid) return;
  await run('chown', ['-R', `${account.uid}:${account.gid}`, home]);
}

async function placeBinaries(
  home: string,
  account: Account | undefined,
  sentences: string[],
): Promise<Binaries> {
  const { folder, version } = await findBinariesPackage();
  if ((await repairSymlinks(folder)) && (await canRun(binariesIn(folder), account)))
    return binariesIn(folder);
  const copy = join(account === undefined ? home : SYSTEM_FOLDER, `bin-${version}`);
  if (account !== undefined) await makeSystemFolder();
  await copyBinaries(folder, copy);
  if (!(await canRun(binariesIn(copy), account))) {
    throw new EmbeddedPostgresError(
      `The Postgres programs that npm installed don't run on this machine, neither from ${folder} nor from ` +
        `${copy}. Set DATABASE_URL to a Postgres of your own.`,
    );
  }
  sentences.push(
    `Postgres can't run from ${folder}: its programs were copied to ${join(copy, 'native', 'bin')}.`,
  );
  return binariesIn(copy);
}

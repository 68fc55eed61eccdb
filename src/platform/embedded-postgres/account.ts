import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './error.ts';

/** The system account that Postgres runs as when Rollcall runs as root, which Postgres rejects to. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** What a child process of ours is started with: nothing of our environment that Postgres could act upon. */
export interface ChildOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
}

const run = promisify(execFile);

/** The first is what the packages of every distribution create; the second is ours, created when that is missing. */
const FOUND = 'postgres';
const MADE = 'rollcall';

/**
 * @returns the account for a new cluster; undefined when Postgres can run as the current user
 * @throws EmbeddedPostgresError by root, when no account exists and none can be created
 */
export async function accountForNewCluster(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return (await findAccount(FOUND)) ?? (await findAccount(MADE)) ?? (await createAccount());
}

async function findAccount(name: string): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function createAccount(): Promise<Account> {
  const advice =
    'Postgres refuses to run as root. Start Rollcall as another user, create a system user "postgres", ' +
    'or set DATABASE_URL to a Postgres of your own.';
  try {
    const options = ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent'];
    await run('useradd', [...options, '--shell', '/usr/sbin/nologin', MADE]);
  } catch (cause) {
    throw new EmbeddedPostgresError(`${advice} (Creating the user "${MADE}" was tried and failed.)`, {
      cause,
    });
  }
  const account = await findAccount(MADE);
  if (account === undefined) throw new EmbeddedPostgresError(advice);
  return account;
}

/** How to start a child process as this account; without one, as the current user. */
export function childOptions(account: Account | undefined): ChildOptions {
  const inherited = ['PATH', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR', 'LD_LIBRARY_PATH'];
  const env = Object.fromEntries(
    inherited.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  return {
    cwd: process.platform === 'win32' ? process.cwd() : '/',
    env: { ...env, LC_ALL: 'C' },
    ...account,
  };
}

/** Whether the account can enter this folder, tested rather than computed: modes, ACLs and mounts all matter. */
export function canEnter(folder: string, account: Account | undefined): boolean {
  if (account === undefined) return true;
  return spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], childOptions(account)).status === 0;
}

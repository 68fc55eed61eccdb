import { execFile, execFileSync } from 'node:child_process';
import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { childOptions } from './account.ts';
import { EmbeddedPostgresError } from './error.ts';
import type { Placement } from './placement.ts';
import { isAlive } from './process-identity.ts';

const run = promisify(execFile);

/** The last sessions of a killed server notice within moments. */
const SESSIONS_END_MS = 30_000;

/** The server on a cluster, as Postgres's own lock file describes it. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** Reads `postmaster.pid`: process number on line 1, port on line 4, state on line 8 (miscadmin.h, LOCK_FILE_LINE_*). */
export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | undefined> {
  const content = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => undefined);
  if (content === undefined) return undefined;
  const lines = content.split('\n');
  return {
    pid: Math.abs(Number.parseInt(lines[0] ?? '', 10)),
    port: Number.parseInt(lines[3] ?? '', 10),
    ready: lines[7]?.trim() === 'ready',
  };
}

/**
 * Ends a Postgres that a killed Rollcall left running on this cluster, so that it can be started anew. A
 * `postmaster.pid` whose number now belongs to something else (usual in containers) is removed, because Postgres
 * would take it for a living server; one whose process is gone is left to Postgres.
 *
 * @returns whether there was one to end
 * @throws EmbeddedPostgresError when it doesn't end
 */
export async function endOrphan(placement: Placement, cluster: string): Promise<boolean> {
  const file = await readPostmasterFile(cluster);
  if (file === undefined || !(file.pid > 0) || !isAlive(file.pid)) return false;
  const orphan = await isServerOf(cluster, file.pid);
  if (orphan) await stopServer(placement, cluster);
  await untilUnused(cluster);
  await rm(join(cluster, 'postmaster.pid'), { force: true });
  return orphan;
}

/** A server's working directory is its cluster; where the system doesn't expose it, its command line names it. */
async function isServerOf(cluster: string, pid: number): Promise<boolean> {
  if (process.platform === 'win32') return true;
  if (process.platform === 'linux') return (await workingDirectory(pid)) === cluster;
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(cluster);
  } catch {
    return false;
  }
}

/**
 * Waits until no session of a server that is gone works on the cluster. Postgres checks that with its lock file, so the
 * file must not be removed before.
 */
async function untilUnused(cluster: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const deadline = Date.now() + SESSIONS_END_MS;
  while (await isInUse(cluster)) {
    if (Date.now() > deadline)
      throw new EmbeddedPostgresError(`A Postgres process still works on ${cluster}.`);
    await delay(100);
  }
}

async function isInUse(cluster: string): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const directories = await Promise.all(pids.map(workingDirectory));
  return directories.includes(cluster);
}

/** proc(5); nothing for a process that has ended, or that belongs to another user. */
async function workingDirectory(pid: number): Promise<string | undefined> {
  return readlink(`/proc/${pid}/cwd`).catch(() => undefined);
}

/**
 * Stops the server on a cluster and waits until it is gone: sessions are ended and a checkpoint is written; if that
 * takes longer than 30 seconds, without the checkpoint, and the next start recovers from the log.
 */
export async function stopServer({ binaries, account }: Placement, cluster: string): Promise<void> {
  const stop = (mode: string) =>
    run(binaries.pgCtl, ['stop', '-D', cluster, '-m', mode, '-w', '-t', '30'], childOptions(account));
  try {
    await stop('fast');
  } catch (error) {
    const file = await readPostmasterFile(cluster);
    if (file === undefined || !isAlive(file.pid)) return;
    await stop('immediate').catch(() => {
      throw new EmbeddedPostgresError(`The Postgres on ${cluster} (process ${file.pid}) doesn't stop.`, {
        cause: error,
      });
    });
  }
}

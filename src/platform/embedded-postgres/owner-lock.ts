import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { DataInUse } from './error.ts';
import { processIdentity } from './process-identity.ts';

/** A claim on a data folder by this process. */
export interface OwnerLock {
  release(): Promise<void>;
}

const ownerShape = z.object({ pid: z.int().positive(), identity: z.string(), scope: z.string() });
type Owner = z.output<typeof ownerShape>;

/** A living owner touches its lock this often. */
const HEARTBEAT_MS = 2_000;
/** How long to watch for the heartbeat of an owner whose process can't be looked up from here. */
const WATCH_MS = 10_000;

/**
 * Claims a folder for this process. A claim whose process is gone (killed, or before a reboot) is accepted over. An owner
 * in another container or on another machine that shares the folder is recognized by its heartbeat; making sure that it has none
 * takes ten seconds.
 *
 * @param folder absolute; `owner.lock` is kept in it
 * @throws DataInUse while another Rollcall, or another part of this process, holds the claim
 */
export async function takeOwnerLock(
  folder: string,
  onLog: (line: string) => void,
  watchMs = WATCH_MS,
): Promise<OwnerLock> {
  const file = join(folder, 'owner.lock');
  const mine: Owner = {
    pid: process.pid,
    identity: processIdentity(process.pid) ?? '',
    scope: processScope(),
  };
  while (!(await claim(file, JSON.stringify(mine)))) {
    const held = await readFile(file, 'utf8').catch(() => undefined);
    if (held === undefined) continue;
    const owner = parseOwner(held);
    if (owner !== undefined && (await isLive(owner, file, watchMs, onLog))) {
      throw new DataInUse(
        `Another Rollcall (process ${owner.pid}) is running on the data in ${folder}. ` +
          'Stop it first, or give this one a DATA_DIR of its own.',
      );
    }
    await discard(file, held);
  }
  return keep(file);
}

function keep(file: string): OwnerLock {
  const beat = () => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  };
  const heartbeat = setInterval(beat, HEARTBEAT_MS).unref();
  return {
    async release() {
      clearInterval(heartbeat);
      await rm(file, { force: true });
    },
  };
}

/** Puts a complete lock file in place if it is missing: a link, unlike a write, is all or nothing. */
async function claim(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, content, { mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a lock that was found stale, unless another user has replaced it meanwhile: then it is put back. */
async function discard(file: string, stale: string): Promise<void> {
  const aside = `${file}.stale.${randomBytes(4).toString('hex')}`;
  try {
    await rename(file, aside);
    if ((await readFile(aside, 'utf8')) !== stale) await link(aside, file);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

function parseOwner(content: string): Owner | undefined {
  try {
    return ownerShape.safeParse(JSON.parse(content)).data;
  } catch {
    return undefined;
  }
}

async function isLive(
  owner: Owner,
  file: string,
  watchMs: number,
  onLog: (line: string) => void,
): Promise<boolean> {
  if (owner.scope === processScope()) {
    const identity = processIdentity(owner.pid);
    return identity !== undefined && identity === owner.identity;
  }
  onLog(
    `A Rollcall in another container or on another machine had ${file}; watching whether it still lives.`,
  );
  return hasHeartbeat(file, watchMs);
}

async function hasHeartbeat(file: string, watchMs: number): Promise<boolean> {
  const deadline = Date.now() + watchMs;
  const first = await lastBeat(file);
  while (Date.now() < deadline) {
    await delay(200);
    const last = await lastBeat(file);
    if (last !== first) return last !== undefined;
  }
  return false;
}

async function lastBeat(file: string): Promise<number | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found?.mtimeMs;
}

/** Within one scope, process numbers mean the same: a machine, or one container on it. */
function processScope(): string {
  if (process.platform !== 'linux') return hostname();
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

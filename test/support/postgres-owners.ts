import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Another process that runs an embedded Postgres, as a second Rollcall would. */
export interface PostgresOwner {
  readonly pid: number;
  readonly url: string;
  /** Waits until the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

const SCRIPT = fileURLToPath(new URL('./postgres-owner.ts', import.meta.url));

/** Starts a process that owns a Postgres on the folder; ready when this returns. */
export async function spawnPostgresOwner(dataDir: string): Promise<PostgresOwner> {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await firstLine(child);
  return {
    pid: child.pid ?? 0,
    url,
    async kill(signal) {
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The process has no output.');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('The process ended before its Postgres was ready.');
}

/** Kills the shell that would stop this Postgres when its owner is gone. */
export async function killWatchdogOf(server: number): Promise<void> {
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const args = (await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (args.includes('rollcall-watchdog') && args.includes(String(server)))
      process.kill(Number(entry), 'SIGKILL');
  }
}

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A server in a process of its own. */
export interface ChildServer {
  readonly port: number;
  /** The most memory that the process ever had, in MiB. */
  peakMemory(): number;
  /** Microseconds of processor time that the process has used, all of its threads; undefined where it is not known. */
  cpuTime(): number | undefined;
  /** Sends a message and waits for the reply. */
  tell(message: object): Promise<unknown>;
  stop(): Promise<void>;
}

const START_MS = 30_000;
const STOP_MS = 15_000;

interface Launch {
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  /** Its error output is kept for the error if it does not start, and not shown. */
  readonly quiet?: boolean;
  /** It is given up after so many milliseconds; without it, it is waited for. */
  readonly startMs?: number;
}

/** Starts Rollcall itself, which says that it is ready at `/readyz`. Its log goes nowhere, but is written. */
export async function startRollcall(launch: Launch): Promise<ChildServer> {
  const port = await freePort();
  const child = spawn(process.execPath, [...(launch.nodeOptions ?? []), launch.script], {
    env: { PATH: process.env['PATH'], ...launch.env, PORT: String(port), LOG_LEVEL: 'info' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const end = Date.now() + START_MS; !(await isReady(port)); await delay(50)) {
    if (child.exitCode !== null || Date.now() > end) {
      child.kill('SIGKILL');
      throw new Error(`${launch.script} did not start.`);
    }
  }
  return { ...controls(child), port };
}

/**
 * Starts a server of the benchmark's own, which sends its port in a message, and what else there is to know.
 * @throws Error in words if it ends or takes too long
 */
export async function startForked<Ready extends { readonly port: number }>(
  launch: Launch,
): Promise<ChildServer & Ready> {
  const child = spawn(process.execPath, [launch.script, ...(launch.args ?? [])], {
    env: { PATH: process.env['PATH'], ...launch.env },
    stdio: ['ignore', 'ignore', launch.quiet ? 'pipe' : 'inherit', 'ipc'],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-10_000);
  });
  const controlled = controls(child);
  const timer = launch.startMs && setTimeout(() => child.kill('SIGKILL'), launch.startMs);
  try {
    return { ...controlled, ...(await reply<Ready>(child)) };
  } catch (error) {
    const [reason] = /^.*Error: .*$/m.exec(said) ?? [];
    if (child.killed) throw new Error(`It did not start in ${Number(launch.startMs) / 1_000} seconds.`);
    throw reason === undefined ? error : new Error(`It ended at its start: ${reason}`);
  } finally {
    clearTimeout(timer || undefined);
  }
}

function controls(child: ChildProcess): Omit<ChildServer, 'port'> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let peak = 0;
  const kill = () => child.kill('SIGKILL');
  process.on('exit', kill);
  return {
    peakMemory: () => {
      peak = Math.max(peak, child.pid === undefined ? 0 : memoryOf(child.pid));
      return peak;
    },
    cpuTime: () => (child.pid === undefined ? undefined : cpuTimeOf(child.pid)),
    tell: (message) => {
      const answered = reply(child);
      child.send(message);
      return answered;
    },
    stop: async () => {
      process.off('exit', kill);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(kill, STOP_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Linux alone counts nanoseconds of each thread. */
function cpuTimeOf(pid: number): number | undefined {
  try {
    const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0]),
    );
    return nanoseconds.reduce((sum, each) => sum + each, 0) / 1_000;
  } catch {
    return undefined;
  }
}

/** Linux keeps the peak; elsewhere it is what `ps` says whenever it is asked. */
function memoryOf(pid: number): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) / 1_024;
  } catch {
    // Not Linux.
  }
  try {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024;
  } catch {
    return 0;
  }
}

function reply<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('A server of the benchmark ended.'));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message as Message);
    });
  });
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

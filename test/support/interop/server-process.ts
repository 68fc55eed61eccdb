import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A server that is another user's program. */
export interface ServerProcess {
  readonly pid: number;
  /** The last of what it has printed. */
  output(): string;
  /** Its exit code, once it has ended. */
  readonly exited: Promise<number | null>;
  /** Ends it, by force if it does not go. */
  stop(): Promise<void>;
}

const run = promisify(execFile);
const KEPT = 20_000;

/**
 * Starts one and waits until it answers.
 * @param ready an address of it that answers with a status below 500 once it is there
 * @throws Error with what it printed, if it ends or takes longer than `withinMs`
 */
export async function startServer(
  command: string,
  args: readonly string[],
  {
    env,
    cwd,
    ready,
    withinMs,
    inheritEnv = true,
    uid,
    gid,
  }: {
    readonly env: Readonly<Record<string, string>>;
    readonly cwd: string;
    readonly ready: string;
    readonly withinMs: number;
    /** Whether it gets the environment of this process, too; true by default. */
    readonly inheritEnv?: boolean;
    /** The user and the group that it runs as; those of this process by default. */
    readonly uid?: number;
    readonly gid?: number;
  },
): Promise<ServerProcess> {
  const child = spawn(command, args, {
    cwd,
    env: inheritEnv ? { ...process.env, ...env } : { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  let printed = '';
  let gone: string | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-KEPT);
    });
  }
  child.on('error', (error) => {
    gone = error.message;
  });
  child.on('exit', (code, signal) => {
    gone ??= `exit ${code ?? signal}`;
  });
  const server: ServerProcess = {
    pid: child.pid ?? 0,
    output: () => printed,
    exited: new Promise((resolve) => child.once('exit', (code) => resolve(code))),
    stop: () => end(child),
  };
  const until = Date.now() + withinMs;
  while (!(await answers(ready))) {
    if (gone === undefined && Date.now() < until) {
      await delay(100);
      continue;
    }
    await server.stop();
    throw new Error(`${command} did not start (${gone ?? 'too slow'}): ${printed}`);
  }
  return server;
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000), redirect: 'manual' });
    await answer.arrayBuffer();
    return answer.status < 500;
  } catch {
    return false;
  }
}

/** With all that it has started: kc.sh, for one, has a child of its own while it builds. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  const family = [child.pid, ...(await descendantsOf(child.pid))];
  signal(family, 'SIGTERM');
  const timer = setTimeout(() => signal(family, 'SIGKILL'), 5_000);
  await exited;
  for (let waited = 0; waited < 6_000 && family.some(isAlive); waited += 50) await delay(50);
  clearTimeout(timer);
}

/** The processes that a process has started, and those that they have. */
export async function descendantsOf(pid: number): Promise<readonly number[]> {
  const { stdout } = await run('ps', ['-eo', 'pid=,ppid=']);
  const all = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    all.flatMap(([id, of]) => (of === parent && id !== undefined ? [id, ...below(id)] : []));
  return below(pid);
}

const isAlive = (pid: number): boolean => signal([pid], 0);

/** @returns whether all of them are there */
function signal(pids: readonly number[], name: NodeJS.Signals | 0): boolean {
  let there = true;
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      there = false;
    }
  }
  return there;
}

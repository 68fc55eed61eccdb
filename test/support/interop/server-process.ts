import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A server that is somebody else's program. */
export interface ServerProcess {
  /** The last of what it has printed. */
  output(): string;
  /** Ends it, by force if it does not go. */
  stop(): Promise<void>;
}

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
  }: {
    readonly env: Readonly<Record<string, string>>;
    readonly cwd: string;
    readonly ready: string;
    readonly withinMs: number;
  },
): Promise<ServerProcess> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
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
  const server: ServerProcess = { output: () => printed, stop: () => end(child) };
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

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exited;
  clearTimeout(timer);
}

/** A port of loopback that nobody listens on, a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { childOptions } from './account.ts';
import { EmbeddedPostgresError } from './error.ts';
import type { Placement } from './placement.ts';
import { readPostmasterFile } from './postmaster.ts';

/** A Postgres of ours that accepted connections when this was returned. */
export interface Server {
  readonly port: number;
  /** Returns how it ended, whatever the cause. */
  readonly ended: Promise<string>;
}

export type Settings = Readonly<Record<string, string>>;
type LogLine = (line: string) => void;

const START_TIMEOUT_MS = 60_000;
const POLL_MS = 20;
const ATTEMPTS = 20;
const ATTEMPT_DELAY_MS = 500;

/** Given on the command line, so that a newer Rollcall's choice reaches old clusters. */
const SETTINGS: Settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  cluster_name: 'rollcall',
  max_connections: '100',
  shared_buffers: '128MB',
  autovacuum_naptime: '10s',
  max_wal_size: '1GB',
  random_page_cost: '1.1',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
};

/**
 * Starts Postgres on a cluster and waits until it accepts connections. What goes away by itself is tried again: a port
 * that another user took, and the memory of a server whose last processes are still ending.
 *
 * @param port the port to listen on; undefined for any free one
 * @throws EmbeddedPostgresError with Postgres's own last words when it doesn't come up
 */
export async function startServer(
  placement: Placement,
  cluster: string,
  settings: Settings,
  port: number | undefined,
  onLog: LogLine,
): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const attempted = await attemptStart(placement, cluster, settings, port ?? (await freePort()), onLog);
    if ('server' in attempted) return attempted.server;
    const passing = /Address already in use|could not bind|is still in use/.test(attempted.words);
    if (!passing || attempt === ATTEMPTS) {
      throw new EmbeddedPostgresError(
        `The embedded Postgres did not start on ${cluster}:\n${attempted.words}`,
      );
    }
    await delay(ATTEMPT_DELAY_MS);
  }
}

async function attemptStart(
  placement: Placement,
  cluster: string,
  settings: Settings,
  port: number,
  onLog: LogLine,
): Promise<{ server: Server } | { words: string }> {
  const lastMessage: string[] = [];
  const child = launch(placement, cluster, { ...SETTINGS, ...settings, port: String(port) }, (line) => {
    lastMessage.push(line);
    if (lastMessage.length > 20) lastMessage.shift();
    onLog(line);
  });
  const dismissWatchdog = watch(placement, cluster, child);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  void ended.then(dismissWatchdog);
  if (await becomesReady(child, cluster)) return { server: { port, ended } };
  child.kill('SIGQUIT');
  return { words: lastMessage.join('\n') || (await ended) };
}

/** In a session of its own: an interrupt typed at the terminal is for Rollcall, which stops Postgres last. */
function launch(placement: Placement, cluster: string, settings: Settings, onLog: LogLine): ChildProcess {
  const settingOptions = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(placement.binaries.postgres, ['-D', cluster, ...settingOptions], {
    ...childOptions(placement.account),
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: process.platform !== 'win32',
  });
  createInterface({ input: child.stderr }).on('line', onLog);
  child.unref();
  unrefStream(child.stderr);
  return child;
}

/**
 * Starts a shell that waits for this process to be gone, however it ends (the system closes the pipe between them), and
 * then asks Postgres to stop, if it is still the one on the cluster.
 */
function watch({ account }: Placement, cluster: string, postgres: ChildProcess): () => void {
  if (process.platform === 'win32' || postgres.pid === undefined) return () => undefined;
  const script =
    'trap "" INT TERM HUP; read -r _; read -r pid < "$2/postmaster.pid" && [ "$pid" = "$1" ] && kill -INT "$1"';
  const watchdog = spawn('/bin/sh', ['-c', script, 'rollcall-watchdog', String(postgres.pid), cluster], {
    ...childOptions(account),
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.on('error', () => undefined);
  watchdog.unref();
  unrefStream(watchdog.stdin);
  return () => watchdog.kill('SIGKILL');
}

/** A pipe to a child is a socket at run time, and would keep this process alive. */
function unrefStream(stream: object): void {
  if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
}

async function becomesReady(child: ChildProcess, cluster: string): Promise<boolean> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return false;
    const file = await readPostmasterFile(cluster);
    if (file?.pid === child.pid && file.ready) return true;
    await delay(POLL_MS);
  }
  return false;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Ports below those that systems give out by themselves. */
const FIRST_PORT = 12_000;
const PORTS = 20_000;
/** Has a file for each port that a process of tests uses, in which its pid is. */
const CLAIMS = join(tmpdir(), `rollcall-test-ports-${process.getuid?.() ?? 0}`);
let tried = Math.floor(Math.random() * PORTS);

/**
 * A port of loopback that no one listens on, and that is given to no other process of tests while this one lives. What
 * the system would give out may be another's by the time that a server listens on it: then a test talks to the server of
 * another test.
 */
export async function freePort(): Promise<number> {
  mkdirSync(CLAIMS, { recursive: true });
  for (let left = PORTS; left > 0; left -= 1) {
    tried = (tried + 1) % PORTS;
    const port = FIRST_PORT + tried;
    if (isClaimed(port) && (await isFree(port))) return port;
  }
  throw new Error('No port is free.');
}

/** Whether this process has the port now, which another may have had that has ended. */
function isClaimed(port: number): boolean {
  const claim = join(CLAIMS, String(port));
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      writeFileSync(claim, String(process.pid), { flag: 'wx' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isAlive(holderOf(claim))) return false;
      rmSync(claim, { force: true });
    }
  }
  return false;
}

/** The pid in a claim; 0 while it is written, or if it has gone. */
function holderOf(claim: string): number {
  try {
    return Number(readFileSync(claim, 'utf8'));
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid === 0 || process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isListening = new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (!(await isListening)) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

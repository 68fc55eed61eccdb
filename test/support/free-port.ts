import { createServer } from 'node:net';

/** Ports below those that systems give out by themselves, of which each worker of jest has its own. */
const FIRST_PORT = 12_000;
const PORTS_OF_WORKER = 2_000;
const WORKERS = 10;
let tried = Math.floor(Math.random() * PORTS_OF_WORKER);

/**
 * A port of loopback that no one listens on. What the system would give out may be another's by the time that a server
 * listens on it: then a test talks to the server of another test.
 */
export async function freePort(): Promise<number> {
  const worker = Number(process.env['JEST_WORKER_ID'] ?? 0) % WORKERS;
  for (let left = PORTS_OF_WORKER; left > 0; left -= 1) {
    tried = (tried + 1) % PORTS_OF_WORKER;
    const port = FIRST_PORT + worker * PORTS_OF_WORKER + tried;
    if (await isFree(port)) return port;
  }
  throw new Error('No port of this worker is free.');
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

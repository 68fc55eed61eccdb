import { createServer } from 'node:net';
import { ConfigError } from './config-error.ts';

/** Where a server listens; `Config` is one. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Tries the address, before anything is made whose secrets are shown only once the server runs.
 *
 * @throws ConfigError when it cannot be listened on
 */
export async function requireAddress({ host, port }: Address): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    throw new ConfigError([describeError(error as NodeJS.ErrnoException, host, port)]);
  }
  await new Promise((resolve) => server.close(resolve));
}

function describeError({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `PORT ${port} on ${host} is in use: stop what listens there, or choose another.`;
    case 'EACCES':
      return `PORT ${port} is not open to this user: choose one from 1024 on.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST ${host} is not an address of this machine.`;
    default:
      return `HOST ${host} and PORT ${port} cannot be listened on: ${message}.`;
  }
}

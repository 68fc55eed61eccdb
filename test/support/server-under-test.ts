import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOptions } from '../../src/platform/package-root.ts';
import { builtProgram } from './cli.ts';
import { createDatabase } from './database.ts';
import { freePort } from './free-port.ts';
import { type ServerProcess, startServer } from './interop/server-process.ts';

/** Rollcall as a process of its own, on a database of its own. */
export interface ServerUnderTest {
  readonly port: number;
  readonly base: string;
  readonly databaseUrl: string;
  /** The token of its one SCIM connection. */
  readonly token: string;
  readonly process: ServerProcess;
  stop(): Promise<void>;
}

/** Starts one, compiled and with the options of `npm start`. @param env settings besides those of the database, the port and the keys */
export async function startServerUnderTest(
  env: Readonly<Record<string, string>> = {},
): Promise<ServerUnderTest> {
  const database = await createDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'rollcall-server-'));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const token = `test_${randomBytes(24).toString('hex')}`;
  const server = await startServer(
    process.execPath,
    [...startOptions(import.meta.url), builtProgram('main.ts')],
    {
      cwd: process.cwd(),
      env: {
        NODE_OPTIONS: '',
        DATABASE_URL: database.url,
        DATA_DIR: dataDir,
        PORT: String(port),
        SECRET_KEY: randomBytes(32).toString('base64'),
        BOOTSTRAP_ORG: 'Test',
        BOOTSTRAP_SCIM_TOKEN: token,
        LOG_LEVEL: 'fatal',
        ...env,
      },
      ready: `${base}/healthz`,
      withinMs: 60_000,
    },
  );
  return {
    port,
    base,
    databaseUrl: database.url,
    token,
    process: server,
    stop: async () => {
      await server.stop();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

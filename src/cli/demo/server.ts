import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { type Config, parseConfig } from '../../config/config.ts';
import { mailSettings } from '../../config/mail-settings.ts';
import { loadSecretKeys } from '../../config/secret-key.ts';
import { prepareDatabase } from '../../prepare-database.ts';
import { serve } from '../../serve.ts';
import { serverUrl } from '../command.ts';
import { withDatabase } from '../database.ts';

/** A server to show, and the database behind it. */
export interface DemoServer {
  readonly url: string;
  readonly databaseUrl: string;
}

/**
 * Runs `show` against the server of the settings or, if none answers there, against a temporary one on a
 * throwaway data folder.
 * @param onOwn called before a temporary server starts
 */
export async function withServer<Result>(
  config: Config,
  onOwn: (url: string) => void,
  show: (server: DemoServer) => Promise<Result>,
): Promise<Result> {
  const url = serverUrl(config);
  if (await answers(url)) return withDatabase(config, (databaseUrl) => show({ url, databaseUrl }));
  onOwn(url);
  const dataDir = await mkdtemp(join(tmpdir(), 'rollcall-demo-'));
  try {
    return await withOwnServer(parseConfig({ DATA_DIR: dataDir, PORT: '0' }), show);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function withOwnServer<Result>(
  config: Config,
  show: (server: DemoServer) => Promise<Result>,
): Promise<Result> {
  const log = pino({ level: 'silent' });
  const { databaseUrl, embedded } = await prepareDatabase(config, log);
  const secretKeys = await loadSecretKeys(config);
  const { rollcall, server } = await serve({
    host: config.host,
    port: config.port,
    databaseUrl,
    log,
    secretKey: secretKeys.current,
    previousSecretKeys: secretKeys.previous,
    mail: mailSettings(config),
  });
  try {
    return await show({ url: `http://127.0.0.1:${server.port}`, databaseUrl });
  } finally {
    await server.close({ lingerMs: 0, graceMs: 1_000 });
    await rollcall.close();
    await embedded?.stop();
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) });
    return answer.ok && ((await answer.json()) as { status?: unknown }).status === 'ok';
  } catch {
    return false;
  }
}

import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Registry } from 'prom-client';
import { createRollcall } from './app.ts';
import { requireAddress } from './config/address.ts';
import { type Config, parseConfig } from './config/config.ts';
import { ConfigError } from './config/config-error.ts';
import { openLocationFiles } from './config/location-files.ts';
import { mailSettings } from './config/mail-settings.ts';
import { loadSecretKeys } from './config/secret-key.ts';
import { startMetricsServer } from './http/health.ts';
import { answerForMetrics, createProcessMetrics } from './http/process-metrics.ts';
import { MigrationLocked } from './platform/db/migrate.ts';
import { DatabaseUnavailable } from './platform/db/unavailable.ts';
import type { Locate } from './platform/locations/location.ts';
import { watchLocationFiles } from './platform/locations/locations.ts';
import { createLogger } from './platform/logger.ts';
import { type Prepared, prepareDatabase } from './prepare-database.ts';
import { serve } from './serve.ts';
import { creationSummary, startSummary } from './startup-summary.ts';

/** How long a stopping server keeps accepting connections, until load balancers have noticed. */
let lingerMs = 1_500;
/** How long requests in flight may take by then, counted from the signal. */
const GRACE_MS = 4_000;
/** After so long the process ends, whatever is left. */
const FORCED_MS = 4_800;
/** Tokens and keys that are not valid, a second and address; more are answered later, and 429. */
const INVALID_PER_ADDRESS = 1;
/** EX_CONFIG of sysexits.h. */
const CONFIGURATION_ERROR = 78;

function readConfig(): Config {
  try {
    return parseConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(CONFIGURATION_ERROR);
  }
}

async function main(): Promise<void> {
  const config = readConfig();
  const { log, flush } = createLogger(config.logLevel);
  const stops: (() => Promise<unknown>)[] = [];
  let stopping: Promise<void> | undefined;

  const stop = (code: number): Promise<void> => {
    stopping ??= (async () => {
      setTimeout(() => {
        log.warn('stopped before everything had ended');
        process.exit(code);
      }, FORCED_MS).unref();
      for (const each of stops.reverse()) {
        await each().catch((error: unknown) => log.error({ err: error }, 'a part did not stop cleanly'));
      }
      log.info('stopped');
      await flush();
      process.exit(code);
    })();
    return stopping;
  };
  process.on('SIGTERM', () => void stop(0));
  process.on('SIGINT', () => {
    // From a terminal, where no proxy has to notice.
    lingerMs = 0;
    void stop(0);
  });

  try {
    if (cluster.isPrimary) await requireAddress(config);
    // Before anything is made whose secrets are shown only once the server runs.
    const locations = watchLocationFiles(await openLocationFiles(config), { log });
    stops.push(async () => locations.close());
    if (config.webConcurrency > 1 && config.role !== 'worker' && cluster.isPrimary) {
      await startProcesses(config, log, stops, locations.locate, stop);
    } else {
      await startServer(config, log, stops, locations.locate);
    }
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(`${error.message}\n`);
      return stop(CONFIGURATION_ERROR);
    }
    if (error instanceof DatabaseUnavailable) {
      log.fatal({ cause: causeOf(error), code: error.code }, `Rollcall did not start. ${error.message}`);
    } else if (error instanceof MigrationLocked) {
      log.fatal(`Rollcall did not start. ${error.message}`);
    } else {
      log.fatal({ err: error }, 'Rollcall did not start');
    }
    await stop(1);
  }
}

/** A connection that failed on several addresses has an empty message of its own. */
function causeOf({ cause }: DatabaseUnavailable): string {
  if (cause instanceof AggregateError) return cause.errors.map(String).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}

type Log = ReturnType<typeof createLogger>['log'];
type Stops = (() => Promise<unknown>)[];

async function optionsOf(config: Config, databaseUrl: string, log: Log, locate: Locate) {
  const secretKeys = await loadSecretKeys(config);
  return {
    databaseUrl,
    databaseUrlDirect: config.databaseUrlDirect,
    databaseConnections: config.databaseConnections,
    log,
    locate,
    limits: { ...config.limits, invalidPerAddress: INVALID_PER_ADDRESS },
    serveMetrics: config.metricsPort === undefined,
    retention: config.retention,
    secretKey: secretKeys.current,
    previousSecretKeys: secretKeys.previous,
    mail: mailSettings(config),
    trustProxy: config.trustProxy,
    allowPrivateWebhooks: config.allowPrivateWebhooks,
    allowPrivateProviders: config.allowPrivateProviders,
    consoleFolder: builtConsole(),
  };
}

/** Where the build puts the console, beside the compiled sources. @returns undefined where these run uncompiled */
function builtConsole(): string | undefined {
  const folder = fileURLToPath(new URL('../console', import.meta.url));
  return existsSync(join(folder, 'assets')) ? folder : undefined;
}

async function prepare(config: Config, log: Log): Promise<Prepared> {
  const prepared = await prepareDatabase(config, log);
  const made = creationSummary(prepared);
  if (made !== undefined) process.stdout.write(`${made}\n`);
  return prepared;
}

/** One process: prepares the database unless its parent has, serves, works. */
async function startServer(config: Config, log: Log, stops: Stops, locate: Locate): Promise<void> {
  const prepared = cluster.isPrimary ? await prepare(config, log) : undefined;
  if (prepared?.embedded !== undefined) stops.push(() => prepared.embedded?.stop() ?? Promise.resolve());
  const databaseUrl = prepared?.databaseUrl ?? (config.databaseUrl as string);
  const { rollcall, server } = await serve({
    ...(await optionsOf(config, databaseUrl, log, locate)),
    host: config.host,
    port: config.port,
    publicUrlOf: (port) => publicUrlOf(config, port),
    healthOnly: config.role === 'worker',
  });
  stops.push(() => rollcall.close());
  const worker = config.role !== 'web' && cluster.isPrimary ? await rollcall.work() : undefined;
  if (cluster.isPrimary) await serveMetrics(config, () => rollcall.metrics.metrics(), stops);
  else answerForMetrics(rollcall.metrics);
  stops.push(async () => {
    rollcall.drain();
    await Promise.all([
      server.close({ lingerMs: config.role === 'worker' ? 0 : lingerMs, graceMs: GRACE_MS }),
      worker?.stop(),
    ]);
  });
  log.info({ host: config.host, port: server.port, role: config.role }, 'listening');
  if (prepared !== undefined) announce(config, prepared, server.port);
}

/**
 * The first of several processes: prepares the database, does the work, and keeps the others running. One that cannot use
 * its settings is not started again: it would end the same way each second. With the last of them the server ends.
 */
async function startProcesses(
  config: Config,
  log: Log,
  stops: Stops,
  locate: Locate,
  stop: (code: number) => Promise<void>,
): Promise<void> {
  const prepared = await prepare(config, log);
  if (prepared.embedded !== undefined) stops.push(() => prepared.embedded?.stop() ?? Promise.resolve());
  let own: Registry | undefined;
  if (config.role === 'all') {
    const rollcall = createRollcall({
      ...(await optionsOf(config, prepared.databaseUrl, log, locate)),
      publicUrl: publicUrlOf(config, config.port),
    });
    stops.push(() => rollcall.close());
    const worker = await rollcall.work();
    stops.push(() => worker.stop());
    own = rollcall.metrics;
  }
  await serveMetrics(config, createProcessMetrics(own), stops);
  let ending = false;
  const fork = () => cluster.fork({ DATABASE_URL: prepared.databaseUrl });
  cluster.on('exit', (child, code) => {
    if (ending) return;
    const { pid } = child.process;
    if (code !== CONFIGURATION_ERROR) {
      log.error({ pid, code }, 'a process ended; another takes its place');
      setTimeout(fork, 1_000);
      return;
    }
    const left = Object.values(cluster.workers ?? {}).filter((each) => each?.isDead() === false).length;
    log.error(
      { pid, code, left },
      "a process ended: its settings can't be used. Mend them and restart Rollcall",
    );
    if (left === 0) void stop(CONFIGURATION_ERROR);
  });
  stops.push(async () => {
    ending = true;
    const children = Object.values(cluster.workers ?? {});
    await Promise.all(
      children.map(
        (child) =>
          new Promise<void>((resolve) => {
            if (child === undefined || child.isDead()) return resolve();
            child.once('exit', () => resolve());
            child.process.kill('SIGTERM');
          }),
      ),
    );
  });
  for (let count = 0; count < config.webConcurrency; count += 1) fork();
  await new Promise<void>((resolve) => cluster.once('listening', () => resolve()));
  announce(config, prepared, config.port);
}

/** Serves the metrics of all processes on the port that is set for them. */
async function serveMetrics(config: Config, read: () => Promise<string>, stops: Stops): Promise<void> {
  if (config.metricsPort === undefined) return;
  const server = await startMetricsServer({ host: config.host, port: config.metricsPort, read });
  stops.push(() => server.close());
}

function announce(config: Config, prepared: Prepared, port: number): void {
  const summary = startSummary({
    prepared,
    publicUrl: publicUrlOf(config, port),
    ownUrl: ownUrlOf(config, port),
    role: config.role,
    mailFolder: config.smtpUrl === undefined ? mailSettings(config).folder : undefined,
    environment: commandEnvironment(config, port),
  });
  process.stdout.write(`${summary}\n`);
}

/** What commands need to work with this server, where it differs from their defaults; passwords are not repeated. */
function commandEnvironment(config: Config, port: number): string[] {
  if (config.databaseUrl !== undefined) return ["# with the server's settings: DATABASE_URL, SECRET_KEY …"];
  const defaults = parseConfig({});
  const { dataDir } = config;
  const folder = /^[\w./-]+$/.test(dataDir) ? dataDir : `'${dataDir.replaceAll("'", "'\\''")}'`;
  const settings = [
    ...(dataDir === defaults.dataDir ? [] : [`DATA_DIR=${folder}`]),
    ...(config.publicUrl === undefined ? [] : [`PUBLIC_URL=${config.publicUrl}`]),
    ...(port === defaults.port ? [] : [`PORT=${port}`]),
  ];
  return settings.length === 0 ? [] : [`export ${settings.join(' ')}`];
}

/** Where clients reach the server unless PUBLIC_URL is set: the address it listens on. */
function publicUrlOf(config: Config, port: number): string {
  return config.publicUrl ?? ownUrlOf(config, port);
}

/** Where this process itself answers. */
function ownUrlOf(config: Config, port: number): string {
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

await main();

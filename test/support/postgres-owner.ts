import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';

/** A process to be killed by a test: owns a Postgres on the folder it is given, and prints its URL. */
const [dataDir = ''] = process.argv.slice(2);
const postgres = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } });
process.stdout.write(`${postgres.url}\n`);
setInterval(() => undefined, 60_000);

import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../src/platform/db/migrate.ts';
import { packageRoot, startOptions } from '../src/platform/package-root.ts';
import type { BareOrders } from './bare/main.ts';
import { type ChildServer, startForked, startRollcall } from './child-server.ts';
import { type Contender, createContender, type Exchange, requestText } from './contender.ts';
import type { Mix } from './mix.ts';
import { type Operation, type OperationRequest, operationsOn, type Side } from './operations.ts';
import type { Population } from './population.ts';
import { type SeededOrganization, seedOrganization } from './seed.ts';

/** An organization in a database of its own, with the server and bare on it. */
export interface Site {
  readonly population: Population;
  readonly operations: readonly Operation[];
  readonly organization: SeededOrganization;
  readonly database: pg.Client;
  readonly server: ChildServer;
  readonly bare: ChildServer;
  /** Bodies with which the server answered, by operation; bare answers with the same bytes. */
  readonly templates: Map<Operation, string>;
  /** The number of an operation's next request. */
  numbersOf(operation: Operation, side: Side): { next: number };
  /** Tells bare what it needs to know for an operation. */
  instructBare(operation: Operation): Promise<void>;
  contend(side: 'server' | 'bare', load: Operation | Mix, atOnce: number): Promise<Contender>;
}

export interface SiteOptions {
  readonly databaseUrl: string;
  readonly population: Population;
  /** Where the server's CPU profile goes. */
  readonly profile: string | undefined;
  readonly onProgress: (done: number) => void;
  /** Gets what stops each thing that is started, as soon as it is. */
  readonly stops: (() => Promise<unknown>)[];
}

/** Compiled, by `npm run bench`: the server is measured as it is started in production. */
const dist = join(packageRoot(import.meta.url), 'dist');

/** Migrates and fills the database, then starts the servers. */
export async function createSite(options: SiteOptions): Promise<Site> {
  const { databaseUrl, population, profile, onProgress, stops } = options;
  await migrate(databaseUrl);
  const organization = await seedOrganization(databaseUrl, population, onProgress);
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  // One organization alone asks for all that the server can do.
  const env = { DATABASE_URL: databaseUrl, RATE_LIMIT_ORGANIZATION: '0', RATE_LIMIT_CONNECTION: '0' };
  stops.push(() => database.end());
  const server = await startRollcall({
    script: join(dist, 'src/main.js'),
    env,
    nodeOptions: [
      ...startOptions(import.meta.url),
      ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
    ],
  });
  stops.push(() => server.stop());
  const bare = await startForked({ script: join(dist, 'bench/bare/main.js'), env });
  stops.push(() => bare.stop());

  const templates = new Map<Operation, string>();
  const numbers = new Map<string, { next: number }>();
  const numbersOf = (operation: { readonly title: string }, side: Side) => {
    const key = `${side} ${operation.title}`;
    const known = numbers.get(key) ?? { next: 0 };
    numbers.set(key, known);
    return known;
  };

  const exchange = (operation: Operation, request: OperationRequest): Exchange => ({
    text: requestText(operation.method, request, organization.token),
    status: operation.status,
    bytes: Buffer.byteLength(templates.get(operation) ?? ''),
  });
  const plain = (operation: Operation, side: Side) => {
    const numbers = numbersOf(operation, side);
    return () => exchange(operation, operation.request(numbers.next++, side));
  };
  const mixed = (mix: Mix, side: Side) => {
    const numbers = numbersOf(mix, side);
    return () => {
      const { operation, request } = mix.request(
        numbers.next++,
        side,
        (part) => numbersOf(part, side).next++,
      );
      return exchange(operation, request);
    };
  };

  return {
    population,
    operations: operationsOn(population),
    organization,
    database,
    server,
    bare,
    templates,
    numbersOf,
    instructBare: async (operation) => {
      const { org, connection } = organization;
      const known = { [operation.kind]: templates.get(operation) ?? '' };
      await bare.tell({ org, connection, templates: known } satisfies BareOrders);
    },
    contend: (side, load, atOnce) => {
      const { port, cpuTime } = side === 'server' ? server : bare;
      const reset = 'reset' in load ? load.reset : undefined;
      return createContender({
        port,
        title: load.title,
        next: 'parts' in load ? mixed(load, side) : plain(load, side),
        atOnce,
        cpuTime,
        reset: async () => {
          if (reset !== undefined) await database.query(reset, [organization.org]);
        },
      });
    },
  };
}

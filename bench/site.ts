import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../src/platform/db/migrate.ts';
import { packageRoot } from '../src/platform/package-root.ts';
import { type ChildServer, startForked, startRollcall } from './child-server.ts';
import { type Contender, createContender } from './contender.ts';
import type { FloorOrders } from './floor/main.ts';
import { type Operation, operationsOn, type Side } from './operations.ts';
import type { Population } from './population.ts';
import { type SeededOrganization, seedOrganization } from './seed.ts';

/** An organization in a database of its own, with the server and the floor on it. */
export interface Site {
  readonly population: Population;
  readonly operations: readonly Operation[];
  readonly organization: SeededOrganization;
  readonly database: pg.Client;
  readonly server: ChildServer;
  readonly floor: ChildServer;
  /** Bodies with which the server answered, by operation; the floor answers with the same bytes. */
  readonly templates: Map<Operation, string>;
  /** The number of an operation's next request. */
  numbersOf(operation: Operation, side: Side): { next: number };
  /** Tells the floor what it needs to know for an operation. */
  instructFloor(operation: Operation): Promise<void>;
  contend(side: 'server' | 'floor', operation: Operation, atOnce: number): Promise<Contender>;
}

export interface PageContextOptions {
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
export async function createPageContext(options: PageContextOptions): Promise<Site> {
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
    nodeOptions: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
  });
  stops.push(() => server.stop());
  const floor = await startForked({ script: join(dist, 'bench/floor/main.js'), env });
  stops.push(() => floor.stop());

  const templates = new Map<Operation, string>();
  const numbers = new Map<string, { next: number }>();
  const numbersOf = (operation: Operation, side: Side) => {
    const key = `${side} ${operation.title}`;
    const known = numbers.get(key) ?? { next: 0 };
    numbers.set(key, known);
    return known;
  };

  return {
    population,
    operations: operationsOn(population),
    organization,
    database,
    server,
    floor,
    templates,
    numbersOf,
    instructFloor: (operation) => {
      const { org, connection } = organization;
      const known = { [operation.kind]: templates.get(operation) ?? '' };
      return floor.tell({ org, connection, templates: known } satisfies FloorOrders);
    },
    contend: (side, operation, atOnce) =>
      createContender({
        port: (side === 'server' ? server : floor).port,
        token: organization.token,
        operation,
        side,
        bytes: Buffer.byteLength(templates.get(operation) ?? ''),
        atOnce,
        numbers: numbersOf(operation, side),
        reset: async () => {
          if (operation.reset !== undefined) await database.query(operation.reset, [organization.org]);
        },
      }),
  };
}

import { cpus } from 'node:os';
import { agree } from './agreement.ts';
import { checkGrowth, checkMemory, checkRatio } from './checks.ts';
import { type BenchOptions, parseOptions, USAGE } from './options.ts';
import { type Peer, startPeer } from './peers/peer.ts';
import type { Population } from './population.ts';
import { startPostgres } from './postgres.ts';
import { createProgress } from './progress.ts';
import { type Cell, type Check, cellTable, checkTable } from './report.ts';
import { duel, solo } from './rounds.ts';
import { createPageContext, type Site } from './site.ts';

/** The benchmark: this server, the floor under it, and a peer, side by side in one run (docs/performance.md). */

const AT_ONCE = [1, 16] as const;

const small: Population = { users: 10_000, groupSizes: [10, 1_000] };
const large: Population = { users: 1_000_000, groupSizes: [10, 1_000, 10_000, 100_000] };
const groupsOnly: Population = { users: 150_000, groupSizes: [10, 10_000, 100_000] };

const progress = createProgress(process.stdout);
const print = (text: string) => {
  progress.clear();
  process.stdout.write(`${text}\n`);
};

/** Everything that is started, in the order in which it was; stopped in the opposite one. */
const stops: (() => Promise<unknown>)[] = [];
async function stopAll(): Promise<void> {
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop().catch(() => undefined);
}

function openOn(databaseUrl: string, population: Population, options: BenchOptions): Promise<Site> {
  const name = `${population.users.toLocaleString('en')} users`;
  return createPageContext({
    databaseUrl,
    population,
    profile: options.profile,
    onProgress: (done) => progress.show(done, `making ${name}`),
    stops,
  });
}

/** Measures every operation of a site, one request at a time and many at once. */
async function measure(site: Site, options: BenchOptions, peer: Peer | undefined): Promise<Cell[]> {
  const cells: Cell[] = [];
  const operations = operationsFor(site, options);
  for (const [number, operation] of operations.entries()) {
    await agree(site, operation);
    for (const atOnce of AT_ONCE) {
      progress.show(number / operations.length, `${operation.title}, ${atOnce} at once`);
      const server = await site.contend('server', operation, atOnce);
      const floor = await site.contend('floor', operation, atOnce);
      const rates = await duel(server, floor, options.seconds);
      for (const [name, { errors }] of [['Rollcall', server] as const, ['the floor', floor] as const]) {
        if (errors.count > 0)
          print(`${operation.title}: ${errors.count} wrong answers of ${name}, the first: ${errors.first}`);
      }
      server.close();
      floor.close();
      const other = await peer?.contend(operation, atOnce);
      const peerRate = other && (await solo(other, Math.min(2, options.seconds)));
      other?.close();
      cells.push({
        operation: operation.title,
        atOnce,
        server: rates.first,
        floor: rates.second,
        spread: rates.spread,
        peer: peerRate,
      });
    }
  }
  return cells;
}

function operationsFor({ population, operations }: Site, { only }: BenchOptions): Site['operations'] {
  return operations.filter(
    ({ kind, title }) =>
      (population !== groupsOnly || kind === 'add-member') &&
      (only === undefined || title.toLowerCase().includes(only)),
  );
}

/** The same thing where there is little and where there is much. */
async function checkGrowths(first: Site, second: Site, options: BenchOptions): Promise<Check[]> {
  const checks: Check[] = [];
  const ofSecond = operationsFor(second, options);
  const [few, many] = [10, 100_000].map((size) => ofSecond.find(({ groupSize }) => groupSize === size));
  const lookups = [first, second].map((site) =>
    operationsFor(site, options).find(({ kind }) => kind === 'lookup'),
  );
  const [here, there] = lookups;
  for (const atOnce of AT_ONCE) {
    progress.show(1, `small against large, ${atOnce} at once`);
    if (few !== undefined && many !== undefined) {
      const [one, other] = [
        { site: second, operation: few },
        { site: second, operation: many },
      ];
      checks.push(
        await checkGrowth(
          'a member more in a group of 100,000 than of 10',
          one,
          other,
          atOnce,
          options.seconds,
        ),
      );
    }
    if (here !== undefined && there !== undefined) {
      const [one, other] = [
        { site: first, operation: here },
        { site: second, operation: there },
      ];
      checks.push(
        await checkGrowth('a lookup among 1,000,000 users than 10,000', one, other, atOnce, options.seconds),
      );
    }
  }
  return checks;
}

async function bench(options: BenchOptions): Promise<void> {
  const postgres = await startPostgres(process.env['BENCH_DATABASE_URL'] || undefined);
  stops.push(() => postgres.stop());
  const { length: processors } = cpus();
  print(
    `Rollcall and the floor under it. Node ${process.versions.node}, Postgres ${postgres.version}, ${processors} processors` +
      ' for everything: servers, Postgres and the load.',
  );

  const first = await openOn(await postgres.createDatabase('small'), small, options);
  const peer = await startPeer(small);
  if (peer === undefined)
    print('scimmy-routers cannot be installed from npm and started now: the run goes on without it.');
  else stops.push(() => peer.stop());
  const cells = await measure(first, options, peer);
  print(cellTable('10,000 users', cells, peer?.name));
  await peer?.stop();

  const population = options.small ? groupsOnly : large;
  const second = await openOn(await postgres.createDatabase('large'), population, options);
  const more = await measure(second, options, undefined);
  if (more.length > 0) print(cellTable(`${population.users.toLocaleString('en')} users`, more, undefined));

  const growths = await checkGrowths(first, second, options);
  print(checkTable([...checkRatio([...cells, ...more]), ...growths, checkMemory([first, second])]));
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') return print(USAGE);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => void stopAll().then(() => process.exit(130)));
  }
  try {
    await bench(options);
  } finally {
    await stopAll();
  }
}

try {
  await main();
} catch (error) {
  print(`The benchmark broke off: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

import { cpus } from 'node:os';
import { agree } from './agreement.ts';
import { checkGrowth, checkMemory, checkPeers, checkRatios } from './checks.ts';
import { createMix, type Mix } from './mix.ts';
import type { Operation } from './operations.ts';
import { type BenchOptions, parseOptions, USAGE } from './options.ts';
import { type Peer, startPeer } from './peers/peer.ts';
import type { Population } from './population.ts';
import { type BenchPostgres, startPostgres } from './postgres.ts';
import { createProgress } from './progress.ts';
import {
  type Cell,
  type Check,
  cellTable,
  checkTable,
  type Latency,
  latencyTable,
  type PeerRate,
  syncTable,
} from './report.ts';
import { duel, quantile, solo } from './rounds.ts';
import { createSite, type Site } from './site.ts';
import { synchronize } from './sync.ts';

/** The benchmark: this server, bare, and peers, side by side in one run (docs/performance.md). */

const AT_ONCE = [1, 16] as const;

const small: Population = { users: 10_000, groupSizes: [10, 1_000] };
const large: Population = { users: 1_000_000, groupSizes: [10, 1_000, 10_000, 100_000] };
const empty: Population = { users: 0, groupSizes: [] };
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
  return createSite({
    databaseUrl,
    population,
    profile: options.profile,
    onProgress: (done) => progress.show(done, `making ${name}`),
    stops,
  });
}

/** Measures every operation of a site, one request at a time and many at once. */
async function measure(site: Site, options: BenchOptions, peers: readonly Peer[]): Promise<Cell[]> {
  const cells: Cell[] = [];
  const operations = operationsFor(site, options);
  for (const [number, operation] of operations.entries()) {
    await agree(site, operation);
    for (const atOnce of AT_ONCE) {
      progress.show(number / operations.length, `${operation.title}, ${atOnce} at once`);
      const cell = await measureCell(site, operation, atOnce, options);
      const rates: PeerRate[] = [];
      for (const peer of peers) {
        const { name, hasDatabase } = peer;
        rates.push({ name, hasDatabase, rate: await measurePeer(peer, operation, atOnce, options) });
      }
      cells.push({ ...cell, peers: rates });
    }
  }
  return cells;
}

/** A peer that breaks under the load has no figure, and ends no run. */
async function measurePeer(
  peer: Peer,
  operation: Operation,
  atOnce: number,
  { seconds }: BenchOptions,
): Promise<number | undefined> {
  const contender = await peer.contend(operation, atOnce).catch(() => undefined);
  if (contender === undefined) return undefined;
  const rate = await solo(contender, Math.min(2, seconds)).catch(() => undefined);
  contender.close();
  return rate || undefined;
}

/** Starts the peers that can be had now. */
async function startPeers(postgres: BenchPostgres, { peers: kinds }: BenchOptions): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (const [number, kind] of kinds.entries()) {
    progress.show(number / kinds.length, `installing and filling ${kind.name}`);
    const createDatabase = () => postgres.createDatabase(kind.key.replace('-', '_'));
    try {
      const peer = await startPeer({ kind, population: small, createDatabase, stops });
      print(`${peer.name} ${peer.version}, ${peer.hasDatabase ? 'on Postgres' : 'in its memory'}.`);
      peers.push(peer);
    } catch (error) {
      print(`${kind.name} is left out: ${error instanceof Error ? error.message : error}`);
    }
  }
  return peers;
}

/** Loads the server and bare with the same, in turns. */
async function measureCell(
  site: Site,
  load: Operation | Mix,
  atOnce: number,
  { seconds }: BenchOptions,
): Promise<Cell> {
  const server = await site.contend('server', load, atOnce);
  const bare = await site.contend('bare', load, atOnce);
  const { first, second, spread } = await duel(server, bare, seconds);
  for (const [name, { errors }] of [['Rollcall', server] as const, ['bare', bare] as const]) {
    if (errors.count > 0)
      print(`${load.title}: ${errors.count} wrong answers of ${name}, the first: ${errors.first}`);
  }
  server.close();
  bare.close();
  const [serverLatency, bareLatency] = [server, bare].map(({ latencies }) => ({
    median: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  })) as [Latency, Latency];
  return {
    operation: load.title,
    atOnce,
    server: first,
    bare: second,
    spread,
    peers: [],
    writes: 'method' in load && load.method !== 'GET',
    latency: { server: serverLatency, bare: bareLatency },
  };
}

/** Measures the mixed load of a site. */
async function measureMix(site: Site, options: BenchOptions): Promise<Cell[]> {
  const mix = createMix(site.operations);
  if (mix === undefined || !(options.only === undefined || 'mixed load'.includes(options.only))) return [];
  for (const part of mix.parts) if (!site.templates.has(part)) await agree(site, part);
  const cells: Cell[] = [];
  for (const atOnce of AT_ONCE) {
    progress.show(1, `mixed load, ${atOnce} at once`);
    cells.push(await measureCell(site, mix, atOnce, options));
  }
  return cells;
}

function operationsFor({ population, operations }: Site, { only }: BenchOptions): Site['operations'] {
  return operations.filter(
    ({ kind, title }) =>
      (population !== groupsOnly || kind === 'add-member' || kind === 'remove-member') &&
      (only === undefined || title.toLowerCase().includes(only)),
  );
}

/** The same thing where there is little and where there is much. */
async function checkGrowths(first: Site, second: Site, options: BenchOptions): Promise<Check[]> {
  const checks: Check[] = [];
  const ofSecond = operationsFor(second, options);
  const [few, many] = [10, 100_000].map((size) =>
    ofSecond.find(({ kind, groupSize }) => kind === 'add-member' && groupSize === size),
  );
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

async function reportMix(title: string, site: Site, options: BenchOptions): Promise<void> {
  const cells = await measureMix(site, options);
  if (cells.length === 0) return;
  print(cellTable(title, cells));
  print(latencyTable(`${title}: how long answers take`, cells));
}

async function bench(options: BenchOptions): Promise<void> {
  const postgres = await startPostgres(process.env['BENCH_DATABASE_URL'] || undefined);
  stops.push(() => postgres.stop());
  const { length: processors } = cpus();
  print(
    `${new Date().toISOString().slice(0, 10)}: Rollcall and bare. Node ${process.versions.node}, Postgres ${postgres.version}, ${processors} processors` +
      ' for everything: servers, Postgres and the load.',
  );

  const first = await openOn(await postgres.createDatabase('small'), small, options);
  const peers = await startPeers(postgres, options);
  const cells = await measure(first, options, peers);
  if (cells.length > 0) print(cellTable('10,000 users', cells));
  for (const peer of peers) await peer.stop();
  await reportMix('A mixed load, 10,000 users', first, options);

  if (options.sync > 0 && options.only === undefined) {
    const open = async (name: string) =>
      openOn(await postgres.createDatabase(`sync_${name.slice(0, 4).toLowerCase()}`), empty, options);
    print(syncTable(await synchronize(options.sync, open)));
  }

  const population = options.small ? groupsOnly : large;
  const second = await openOn(await postgres.createDatabase('large'), population, options);
  const more = await measure(second, options, []);
  if (more.length > 0) print(cellTable(`${population.users.toLocaleString('en')} users`, more));

  await reportMix(`A mixed load, ${population.users.toLocaleString('en')} users`, second, options);

  const growths = await checkGrowths(first, second, options);
  print(
    checkTable([
      ...checkRatios([...cells, ...more]),
      ...checkPeers(cells),
      ...growths,
      checkMemory([first, second]),
    ]),
  );
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

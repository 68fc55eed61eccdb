import { detectNewLocation, type KnownNetwork } from '../src/alerts/rules/new-location.ts';
import { detectQueryVolume } from '../src/alerts/rules/query-volume.ts';
import type { Location } from '../src/platform/locations/location.ts';

/**
 * How often the detectors are wrong: `npm run bench:detection`. Synthetic users with schedules of their own, whose queries
 * follow a gamma-Poisson distribution; eight weeks are history, the ninth is scored. Spikes are put into it, large and
 * small, and everything else that opens an alert is a false alarm. The same for sign-ins from places: homes, offices,
 * telephones and travel.
 */

const USERS = 300;
const WEEKS = 9;
const HOURS = WEEKS * 7 * 24;
const SEEDS = [1, 2, 3];
const SPIKES = 50;
const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 8, 7);

type Random = () => number;

/** Mulberry32: small, good enough for this, and the same everywhere. */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Marsaglia and Tsang. */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random()) ** (1 / shape);
  const [d, c] = [shape - 1 / 3, 1 / Math.sqrt(9 * (shape - 1 / 3))];
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

function poisson(random: Random, mean: number): number {
  if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = 1 - random(); product > limit; count += 1) product *= 1 - random();
  return count;
}

/** Queries of one user by the hour. */
function countsOf(random: Random): number[] {
  const level = gamma(random, 1.5) * 4;
  const from = 6 + Math.floor(random() * 5);
  const length = 6 + Math.floor(random() * 5);
  const weekend = random() < 0.15;
  const holiday = Math.floor(random() * (WEEKS - 1));
  return Array.from({ length: HOURS }, (_, hour) => {
    const [day, ofDay, week] = [Math.floor(hour / 24) % 7, hour % 24, Math.floor(hour / 168)];
    if (week === holiday || (day >= 5 && !weekend)) return 0;
    const working = ofDay >= from && ofDay < from + length;
    return poisson(random, working ? level * gamma(random, 2) * 0.5 : 0.05);
  });
}

/** The same hour of the day, one more or less, of the same kind of day, in the eight weeks before. */
function comparableTo(counts: readonly number[], hour: number): number[] {
  const isWeekend = (at: number) => Math.floor(at / 24) % 7 >= 5;
  const found: number[] = [];
  for (let at = Math.max(0, hour - 8 * 168); at < hour; at += 1) {
    const apart = Math.abs((at % 24) - (hour % 24));
    if (Math.min(apart, 24 - apart) <= 1 && isWeekend(at) === isWeekend(hour))
      found.push(counts[at] as number);
  }
  return found;
}

interface VolumeResult {
  readonly falseAlarms: number;
  readonly large: number;
  readonly small: number;
}

function measureVolume(seed: number): VolumeResult {
  const random = randomOf(seed);
  const people = Array.from({ length: USERS }, () => countsOf(random));
  const spiked = new Map<string, 'large' | 'small'>();
  for (let spike = 0; spike < 2 * SPIKES; ) {
    const user = Math.floor(random() * USERS);
    const hour = (WEEKS - 1) * 168 + Math.floor(random() * 168);
    const counts = people[user] as number[];
    const usual = counts[hour] as number;
    if (usual === 0 || spiked.has(`${user} ${hour}`)) continue;
    const size = spike < SPIKES ? 'large' : 'small';
    counts[hour] = size === 'large' ? Math.max(60, usual * 8) : Math.max(25, usual * 3);
    spiked.set(`${user} ${hour}`, size);
    spike += 1;
  }
  const found = { falseAlarms: 0, large: 0, small: 0 };
  for (const [user, counts] of people.entries()) {
    for (let hour = (WEEKS - 1) * 168; hour < HOURS; hour += 1) {
      const count = counts[hour] as number;
      const at = new Date(START + hour * 3_600_000).toISOString();
      if (detectQueryVolume({ user: String(user), at, count }, comparableTo(counts, hour)) === undefined)
        continue;
      const size = spiked.get(`${user} ${hour}`);
      if (size === undefined) found.falseAlarms += 1;
      else found[size] += 1;
    }
  }
  return found;
}

/** Networks of a kind are announced by the same few operators; travel and attackers are elsewhere. */
function locate(network: string): Location {
  const number = Number(network.split('-')[1] ?? 0);
  const domestic = (asn: number): Location => ({ country: 'DE', asn, asnName: undefined });
  if (network.startsWith('home')) return domestic(100 + (number % 5));
  if (network.startsWith('mobile')) return domestic(200 + (number % 3));
  // Half of all journeys stay in the country.
  if (network.startsWith('travel') && number % 2 === 0) return domestic(100 + (number % 40));
  if (network.startsWith('travel'))
    return {
      country: `X${String.fromCharCode(66 + (number % 20))}`,
      asn: 1_000 + number,
      asnName: undefined,
    };
  if (network.startsWith('attacker')) return { country: 'XA', asn: 9_000, asnName: undefined };
  return domestic(300);
}

interface LocationResult {
  readonly signIns: number;
  readonly falseAlarms: number;
  readonly breakIns: number;
}

/**
 * Nine weeks of sign-ins; the last four are scored.
 * @param movingHomes whether providers give homes another network each week
 */
function measureLocation(
  seed: number,
  whereIs: (network: string) => Location | undefined,
  movingHomes: boolean,
): LocationResult {
  const random = randomOf(seed * 7_919);
  const office = ['198.51.100.0/24', '198.51.101.0/24', '198.51.102.0/24'];
  const shared = new Map<string, Set<number>>();
  const known = new Map<number, KnownNetwork[]>();
  const found = { signIns: 0, falseAlarms: 0, breakIns: 0 };
  const homeOf = (user: number, day: number) =>
    movingHomes ? `home-${user}-${Math.floor(day / 7)}` : `home-${user}`;
  const broken = new Set(Array.from({ length: SPIKES }, () => Math.floor(random() * USERS)));
  const seen = (
    user: number,
    network: string,
    device: string,
    at: string,
    isBreakIn: boolean,
    score: boolean,
  ) => {
    const places = known.get(user) ?? [];
    const users = shared.get(network) ?? new Set<number>();
    const finding = detectNewLocation(
      { user: String(user), at, network, device, location: whereIs(network) },
      {
        known: places,
        othersFromNetwork: [...users].filter((other) => other !== user).length,
        failuresBefore: isBreakIn ? 2 : 0,
        isAllowed: false,
        locate: whereIs,
      },
    );
    if (score && !isBreakIn) found.signIns += 1;
    if (score && finding !== undefined) found[isBreakIn ? 'breakIns' : 'falseAlarms'] += 1;
    const place = places.find((each) => each.network === network && each.device === device);
    const next = {
      network,
      device,
      firstAt: place?.firstAt ?? at,
      lastAt: at,
      signIns: (place?.signIns ?? 0) + 1,
    };
    known.set(user, [...places.filter((each) => each !== place), next]);
    shared.set(network, users.add(user));
  };
  for (let day = 0; day < WEEKS * 7; day += 1) {
    if (day % 7 >= 5) continue;
    const score = day >= (WEEKS - 4) * 7;
    for (let user = 0; user < USERS; user += 1) {
      const at = new Date(START + day * DAY_MS + 9 * 3_600_000).toISOString();
      const where = random();
      const phone = random() < 0.2;
      const network =
        where < 0.55
          ? (office[Math.floor(random() * office.length)] as string)
          : where < 0.9
            ? homeOf(user, day)
            : where < 0.99
              ? `mobile-${Math.floor(random() * 20)}`
              : `travel-${Math.floor(random() * 5_000)}`;
      seen(user, network, phone ? 'Safari on iOS' : 'Firefox on Linux', at, false, score);
      if (score && day === (WEEKS - 1) * 7 + 1 && broken.has(user)) {
        seen(user, `attacker-${user}`, 'Chrome on Windows', at, true, true);
      }
    }
  }
  return { ...found, breakIns: Math.round((found.breakIns * SPIKES) / broken.size) };
}

const range = (values: readonly number[], digits: number) => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? low.toFixed(digits) : `${low.toFixed(digits)} to ${high.toFixed(digits)}`;
};

const volumes = SEEDS.map(measureVolume);
const nowhere = () => undefined;
const locations = [
  ['new_location', nowhere, false],
  ['new_location with files', locate, false],
  ['new_location, homes that move', nowhere, true],
  ['new_location with files, homes that move', locate, true],
] as const;
process.stdout.write(`${USERS} users, ${SEEDS.length} seeds\n\n`);
process.stdout.write('| detector | false alarms | found |\n|---|---|---|\n');
process.stdout.write(
  `| query_volume, one week | ${range(
    volumes.map(({ falseAlarms }) => falseAlarms / USERS),
    3,
  )} per user and week | large spikes ${range(
    volumes.map(({ large }) => large),
    0,
  )} of ${SPIKES}, small ${range(
    volumes.map(({ small }) => small),
    0,
  )} of ${SPIKES} |\n`,
);
for (const [name, whereIs, movingHomes] of locations) {
  const results = SEEDS.map((seed) => measureLocation(seed, whereIs, movingHomes));
  process.stdout.write(
    `| ${name}, four weeks | ${range(
      results.map(({ falseAlarms }) => falseAlarms / USERS / 4),
      3,
    )} per user and week, ${range(
      results.map(({ falseAlarms, signIns }) => (falseAlarms * 100) / signIns),
      2,
    )} % of sign-ins | sign-ins from a strange network ${range(
      results.map(({ breakIns }) => breakIns),
      0,
    )} of ${SPIKES} |\n`,
  );
}

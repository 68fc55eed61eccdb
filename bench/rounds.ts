import type { Contender, SliceResult } from './contender.ts';

/** Slices are short and take turns, so that what else happens on the machine happens to both. */
const SLICE_MS = 500;
const WARM_UP_MS = 300;

/** What a server did in all of its slices. */
export interface Score {
  /** Requests a second: the median of the slices. */
  readonly rate: number;
  /** Microseconds of the server's processor time for a request; undefined where it is not known. */
  readonly cpu: number | undefined;
}

/** Two servers in one run, and how far the slices were apart. */
export interface Duel {
  readonly first: Score;
  readonly second: Score;
  /** Half of the range of the middle half of the slices, as a part of the median; the larger of the two. */
  readonly spread: number;
}

/** Loads two servers in turns: first, second; second, first; and so on. */
export async function duel(first: Contender, second: Contender, seconds: number): Promise<Duel> {
  const results: [SliceResult[], SliceResult[]] = [[], []];
  for (const contender of [first, second]) {
    await contender.run(WARM_UP_MS);
    contender.latencies.length = 0;
  }
  const slices = Math.max(2, Math.round((seconds * 1_000) / SLICE_MS));
  for (let slice = 0; slice < slices; slice += 1) {
    const order = slice % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const side of order) results[side].push(await (side === 0 ? first : second).run(SLICE_MS));
  }
  return {
    first: scoreOf(results[0]),
    second: scoreOf(results[1]),
    spread: Math.max(spreadOf(results[0]), spreadOf(results[1])),
  };
}

/** Loads one server alone. @returns requests a second */
export async function solo(contender: Contender, seconds: number): Promise<number> {
  await contender.run(WARM_UP_MS);
  const results: SliceResult[] = [];
  for (const end = performance.now() + seconds * 1_000; performance.now() < end; ) {
    results.push(await contender.run(SLICE_MS));
  }
  return scoreOf(results).rate;
}

function scoreOf(results: readonly SliceResult[]): Score {
  const answered = results.reduce((sum, each) => sum + each.answered, 0);
  const isKnown = answered > 0 && results.every(({ cpu }) => cpu !== undefined);
  return {
    rate: quantile(
      results.map(({ rate }) => rate),
      0.5,
    ),
    cpu: isKnown ? results.reduce((sum, { cpu = 0 }) => sum + cpu, 0) / answered : undefined,
  };
}

function spreadOf(results: readonly SliceResult[]): number {
  const rates = results.map(({ rate }) => rate);
  return (quantile(rates, 0.75) - quantile(rates, 0.25)) / 2 / quantile(rates, 0.5);
}

/** @param part 0.5 for the median, 0.99 for what one in a hundred exceeds */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const at = (sorted.length - 1) * part;
  const [low, high] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  return low + (high - low) * (at - Math.floor(at));
}

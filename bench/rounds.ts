import type { Contender } from './contender.ts';

/** Slices are short and take turns, so that what else happens on the machine happens to both. */
const SLICE_MS = 500;
const WARM_UP_MS = 300;

/** Two rates in requests a second: medians of slices, and how far the slices were apart. */
export interface Duel {
  readonly first: number;
  readonly second: number;
  /** Half of the range of the middle half of the slices, as a part of the median; the larger of the two. */
  readonly spread: number;
}

/** Loads two servers in turns: first, second; second, first; and so on. */
export async function duel(first: Contender, second: Contender, seconds: number): Promise<Duel> {
  await first.run(WARM_UP_MS);
  await second.run(WARM_UP_MS);
  const rates: [number[], number[]] = [[], []];
  const slices = Math.max(2, Math.round((seconds * 1_000) / SLICE_MS));
  for (let slice = 0; slice < slices; slice += 1) {
    const order = slice % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const side of order) rates[side].push(await (side === 0 ? first : second).run(SLICE_MS));
  }
  return {
    first: median(rates[0]),
    second: median(rates[1]),
    spread: Math.max(spreadOf(rates[0]), spreadOf(rates[1])),
  };
}

/** Loads one server alone. */
export async function solo(contender: Contender, seconds: number): Promise<number> {
  await contender.run(WARM_UP_MS);
  const rates: number[] = [];
  for (const end = performance.now() + seconds * 1_000; performance.now() < end; ) {
    rates.push(await contender.run(SLICE_MS));
  }
  return median(rates);
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function spreadOf(values: readonly number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / median(values);
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const at = (sorted.length - 1) * part;
  const [low, high] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  return low + (high - low) * (at - Math.floor(at));
}

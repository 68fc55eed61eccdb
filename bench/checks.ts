import type { Operation } from './operations.ts';
import { type Cell, type Check, ratioOf } from './report.ts';
import { duel } from './rounds.ts';
import type { Site } from './site.ts';

const LEAST_RATIO = 0.6;
const MOST_GROWTH = 1.3;
const MOST_MEMORY = 300;

/** Of all cells, the one that is furthest from the floor. */
export function checkRatio(cells: readonly Cell[]): Check[] {
  const [worst] = [...cells].sort((left, right) => ratioOf(left) - ratioOf(right));
  if (worst === undefined) return [];
  return [
    {
      claim: `every operation at ${LEAST_RATIO.toFixed(2)} of the floor or more`,
      measured: `${ratioOf(worst).toFixed(2)} at the least (${worst.operation}, ${worst.atOnce} at once)`,
      holds: ratioOf(worst) >= LEAST_RATIO,
    },
  ];
}

/** How much more an operation costs in one place than in another; the two take turns, so that noise meets both. */
export async function checkGrowth(
  claim: string,
  small: { readonly site: Site; readonly operation: Operation },
  large: { readonly site: Site; readonly operation: Operation },
  atOnce: number,
  seconds: number,
): Promise<Check> {
  const [first, second] = [
    await small.site.contend('server', small.operation, atOnce),
    await large.site.contend('server', large.operation, atOnce),
  ];
  const rates = await duel(first, second, seconds);
  first.close();
  second.close();
  const growth = rates.first / rates.second;
  return {
    claim: `${claim}, ${atOnce} at once: at most ${MOST_GROWTH} times the cost`,
    measured: `${growth.toFixed(2)} times`,
    holds: growth <= MOST_GROWTH,
  };
}

export function checkMemory(sites: readonly Site[]): Check {
  const peak = Math.max(...sites.map(({ server }) => server.peakMemory()));
  return {
    claim: `the server's peak memory below ${MOST_MEMORY} MiB`,
    measured: `${Math.round(peak)} MiB`,
    holds: peak < MOST_MEMORY,
  };
}

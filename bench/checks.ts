import type { Operation } from './operations.ts';
import { type Cell, type Check, cpuRatioOf, ratioOf } from './report.ts';
import { duel } from './rounds.ts';
import type { Site } from './site.ts';

const LEAST_RATIO = 0.8;
const MOST_CPU = 1.8;
const MOST_GROWTH = 1.3;
const MOST_MEMORY = 300;
const LEAST_LEAD = 5;

/** Of all cells, those that are furthest from bare. */
export function checkRatios(cells: readonly Cell[]): Check[] {
  const checks: Check[] = [];
  const [slowest] = [...cells].sort((left, right) => ratioOf(left) - ratioOf(right));
  if (slowest !== undefined) {
    checks.push({
      claim: `every operation at ${LEAST_RATIO.toFixed(2)} of bare's requests or more`,
      measured: `${ratioOf(slowest).toFixed(2)} at the least (${slowest.operation}, ${slowest.atOnce} at once)`,
      holds: ratioOf(slowest) >= LEAST_RATIO,
    });
  }
  const [dearest] = cells
    .filter(({ writes }) => writes)
    .map((cell) => ({ ...cell, ratio: cpuRatioOf(cell) ?? 0 }))
    .sort((left, right) => right.ratio - left.ratio);
  if (dearest !== undefined) {
    checks.push({
      claim: `every write at ${MOST_CPU} times bare's CPU or less`,
      measured: `${dearest.ratio.toFixed(1)} times at the most (${dearest.operation}, ${dearest.atOnce} at once)`,
      holds: dearest.ratio <= MOST_CPU,
    });
  }
  return checks;
}

/** Of all cells, the one whose fastest peer on Postgres is nearest. Nothing without such a peer. */
export function checkPeers(cells: readonly Cell[]): Check[] {
  const [closest] = cells
    .flatMap((cell) => {
      const rates = cell.peers.map(({ hasDatabase, rate = 0 }) => (hasDatabase ? rate : 0));
      const fastest = Math.max(0, ...rates);
      return fastest > 0 ? [{ ...cell, lead: cell.server.rate / fastest }] : [];
    })
    .sort((left, right) => left.lead - right.lead);
  if (closest === undefined) return [];
  return [
    {
      claim: `at least ${LEAST_LEAD} times the fastest peer with a database, in each row`,
      measured: `${closest.lead.toFixed(1)} times at the least (${closest.operation}, ${closest.atOnce} at once)`,
      holds: closest.lead >= LEAST_LEAD,
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
  const growth = rates.first.rate / rates.second.rate;
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

/** Half of the time for which a worker holds a job. */
const BUDGET_MS = 30_000;

/** Items one after another for as long as a scheduled job may take; what is left is due the next time. */
export function* inTime<Item>(items: readonly Item[]): Generator<Item> {
  const end = performance.now() + BUDGET_MS;
  for (const item of items) {
    if (performance.now() > end) return;
    yield item;
  }
}

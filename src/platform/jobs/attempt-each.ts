/**
 * Does the same for several organizations in turn; one for which it fails stops none of the others.
 * @throws what the first failure threw, once all were attempted; the reason of `signal` once it is aborted
 */
export async function attemptEach<Item>(
  items: readonly Item[],
  attempt: (item: Item) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items) {
    signal.throwIfAborted();
    try {
      await attempt(item);
    } catch (error) {
      signal.throwIfAborted();
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

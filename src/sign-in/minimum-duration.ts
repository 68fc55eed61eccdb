import { setTimeout as delay } from 'node:timers/promises';

/** What is written about an account takes a few milliseconds, which would tell it from an unknown one. */
const EVEN_MS = 250;

/**
 * Takes the same time whatever the work takes: work that is slower, because its rows are held by others, continues after
 * the answer.
 * @throws what the work throws within that time
 */
export async function withMinimumDuration(work: () => Promise<void>): Promise<void> {
  const even = delay(EVEN_MS);
  const done = work();
  done.catch(() => {});
  await Promise.race([done, even]);
  await even;
}
